/**
 * The health monitor: probes the targets of which callers' requests tell nothing, logs every change of health, and publishes
 * the state of all targets to log, JMS and any other endpoint of Camel. Begin with
 * {@link io.bactrian.monitor.HealthMonitor}, which starts the probes, and {@link io.bactrian.monitor.HealthSteps}, the steps
 * of its route; the state of a target is in {@code health}, the call of a probe in {@code routing}.
 *
 * <p>The package knows Camel where it publishes and where it offers its checks. It must not decide about a request.
 */
@NullMarked
package io.bactrian.monitor;

import org.jspecify.annotations.NullMarked;
