/**
 * Databases over JDBC that may be away: after a failure they are not used for a while, and waits for them are short. Begin with
 * {@link io.bactrian.database.GroupThread}, which does in one commit whatever waits for it; what its threads share about a database
 * is in {@link io.bactrian.database.DatabaseAccess}.
 *
 * <p>The package knows H2 and PostgreSQL, but not what is stored.
 */
@NullMarked
package io.bactrian.database;

import org.jspecify.annotations.NullMarked;
