package io.bactrian.metrics;

import io.bactrian.config.Target;
import io.bactrian.policy.Failure;
import io.bactrian.request.RequestContext;
import io.bactrian.routing.Observer;

/** The observer that counts every request and writes its log line. Thread-safe. */
public record Recorder(Meters meters, RequestLog log) implements Observer {

    @Override
    public void failed(Target target, Failure failure, long millis) {
        meters.failed(target, failure, millis);
    }

    @Override
    public void answered(Target target, long millis) {
        meters.answered(target, millis);
    }

    @Override
    public void malformed(Target target) {
        meters.malformed(target);
    }

    @Override
    public void done(RequestContext context) {
        meters.done(context);
        log.write(context);
    }
}
