/**
 * The steps of the routes between {@code direct:chat} and a provider: plan a request, encode a call, classify and read its
 * answer, decide after a failure, race several targets. They carry out what {@code policy} decides. Begin with
 * {@link io.bactrian.routing.ChatSteps}, then {@link io.bactrian.routing.EncodeStep} and
 * {@link io.bactrian.routing.AnswerSteps}, the steps of one call.
 *
 * <p>The package knows Camel, but nothing of HTTP endpoints: the steps that read an HTTP request and write its response are in
 * {@code web}. Nor does it know the formats of vendors, which are in {@code protocol}.
 */
@NullMarked
package io.bactrian.routing;

import org.jspecify.annotations.NullMarked;
