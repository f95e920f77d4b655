package io.bactrian.routing;

import io.bactrian.config.Target;
import io.bactrian.health.DrillFault;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.ResponseHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Reads which targets a caller lets fail for one request, and how: {@code target=fault}, several separated by commas. */
public final class DrillHeader {
    private DrillHeader() {}

    /**
     * The faults by {@link Target#key}.
     *
     * @param values the header's lines, often none
     * @throws RequestRejected if drills are not allowed here, or there is no such target or fault
     */
    public static Map<String, DrillFault> of(List<String> values, boolean allowed, CallerScope reach) {
        String all = String.join(",", values);
        if (all.isBlank()) {
            return Map.of();
        }
        if (!allowed) {
            throw new RequestRejected(
                    403,
                    "permission_error",
                    "drills_not_allowed",
                    ResponseHeaders.DRILL,
                    "Drills are not allowed here; bactrian.drills=true allows them.");
        }
        Map<String, DrillFault> faults = new HashMap<>();
        for (String order : all.split(",")) {
            if (!order.isBlank()) {
                int at = order.lastIndexOf('=');
                if (at < 0) {
                    throw RequestRejected.invalid(
                            ResponseHeaders.DRILL,
                            "'" + order.strip() + "' must be target=fault; a fault is " + DrillFault.ALL + ".");
                }
                Target target = target(
                        reach, ResponseHeaders.DRILL, order.substring(0, at).strip());
                faults.put(
                        target.key(),
                        fault(ResponseHeaders.DRILL, order.substring(at + 1).strip()));
            }
        }
        return faults;
    }

    /**
     * The target of a name.
     *
     * @throws RequestRejected if there is none
     */
    public static Target target(CallerScope reach, String param, String name) {
        Target target = reach.target(name);
        if (target == null) {
            throw RequestRejected.invalid(
                    param,
                    "There is no target '" + name + "' here. There is: " + String.join(", ", reach.targets())
                            + ", or provider/model.");
        }
        return target;
    }

    /**
     * The fault of a name.
     *
     * @throws RequestRejected if there is none
     */
    public static DrillFault fault(String param, String name) {
        DrillFault fault = DrillFault.of(name);
        if (fault == null) {
            throw RequestRejected.invalid(param, "There is no fault '" + name + "'; there is: " + DrillFault.ALL + ".");
        }
        return fault;
    }
}
