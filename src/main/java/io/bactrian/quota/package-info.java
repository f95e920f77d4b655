/**
 * Quotas of callers: so many requests or tokens a minute, for this process or in a store that several nodes share. Begin with
 * {@link io.bactrian.quota.Quota}; {@link io.bactrian.quota.Quotas} has all of a process. A
 * {@link io.bactrian.quota.SharedQuota} asks the {@link io.bactrian.quota.QuotaStore} through a
 * {@link io.bactrian.quota.StoreGuard}, and goes on with a quota of its own while the store is away.
 *
 * <p>The package knows PostgreSQL and Redis, but neither callers nor requests.
 */
@NullMarked
package io.bactrian.quota;

import org.jspecify.annotations.NullMarked;
