/** One class for each trap of Camel 4.18.0 that this project works around: when one fails after an upgrade, its work-around may go. */
package io.bactrian.issues;
