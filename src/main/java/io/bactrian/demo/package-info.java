/**
 * Simulated providers for a gateway without API keys: Anthropic, OpenAI and Groq on one loopback port, over real HTTP
 * and in their own wire formats, with faults on demand. Begin with {@link io.bactrian.demo.DemoProviders};
 * {@link io.bactrian.demo.SimulatedModel} makes the answers. {@link io.bactrian.demo.DemoFault} lists the faults; {@code
 * DemoServer} plays them, and {@code Responder} those in the middle of an answer.
 *
 * <p>It must not know any other package of the gateway. Its protocols are written a second time on purpose: they show
 * mistakes that code shared with {@code protocol} would hide.
 */
@NullMarked
package io.bactrian.demo;

import org.jspecify.annotations.NullMarked;
