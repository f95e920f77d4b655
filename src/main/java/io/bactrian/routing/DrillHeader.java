package io.bactrian.routing;

import io.bactrian.config.Target;
import io.bactrian.health.DrillFault;
import io.bactrian.protocol.RequestRejected;
import io.bactrian.request.ResponseHeaders;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A reader of the drills of one request: pairs of {@code target=fault}, separated by commas. Stateless. */
public final class DrillHeader {
    private DrillHeader() {}

    /**
     * The faults of a header by {@link Target#key}.
     *
     * @param values the header's lines, often none
     * @param allowed true if callers may ask for drills
     * @throws RequestRejected 403 if they may not, 400 if there is no such target or fault
     */
    public static Map<String, DrillFault> of(List<String> values, boolean allowed, CallerScope scope) {
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
        for (String drill : all.split(",")) {
            if (!drill.isBlank()) {
                int at = drill.lastIndexOf('=');
                if (at < 0) {
                    throw RequestRejected.invalid(
                            ResponseHeaders.DRILL,
                            "'" + drill.strip() + "' must be target=fault; a fault is " + DrillFault.ALL + ".");
                }
                Target target = target(
                        scope, ResponseHeaders.DRILL, drill.substring(0, at).strip());
                faults.put(
                        target.key(),
                        fault(ResponseHeaders.DRILL, drill.substring(at + 1).strip()));
            }
        }
        return faults;
    }

    /**
     * The target of a name.
     *
     * @param param the header or parameter that names it
     * @throws RequestRejected 400 if there is none
     */
    public static Target target(CallerScope scope, String param, String name) {
        Target target = scope.target(name);
        if (target == null) {
            throw RequestRejected.invalid(
                    param,
                    "There is no target '" + name + "' here. There is: " + String.join(", ", scope.targets())
                            + (scope.isLimited() ? "." : ", or provider/model."));
        }
        return target;
    }

    /**
     * The fault of a name.
     *
     * @param param the header or parameter that names it
     * @throws RequestRejected 400 if there is none
     */
    public static DrillFault fault(String param, String name) {
        DrillFault fault = DrillFault.of(name);
        if (fault == null) {
            throw RequestRejected.invalid(param, "There is no fault '" + name + "'; there is: " + DrillFault.ALL + ".");
        }
        return fault;
    }
}
