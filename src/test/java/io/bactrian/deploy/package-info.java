/**
 * Tests of what {@code deploy/} has for Kubernetes and Camel K: that the manifests are what their schemas say, that they agree with
 * each other and with the gateway, and that the gateway starts with what they mount and set.
 */
package io.bactrian.deploy;
