package io.bactrian.metrics;

import io.bactrian.config.Target;
import io.bactrian.health.ProbeResult;
import io.bactrian.policy.Failure;
import io.bactrian.request.RequestContext;
import io.bactrian.routing.Observer;
import java.util.List;

/** The observer that tells all other ones, in their order. Thread-safe. */
public final class Recorder implements Observer {
    private final Observer[] observers;

    public Recorder(List<Observer> observers) {
        this.observers = observers.toArray(Observer[]::new);
    }

    @Override
    public void failed(Target target, Failure failure, long millis) {
        for (Observer observer : observers) {
            observer.failed(target, failure, millis);
        }
    }

    @Override
    public void answered(Target target, long millis) {
        for (Observer observer : observers) {
            observer.answered(target, millis);
        }
    }

    @Override
    public void firstToken(Target target, long millis) {
        for (Observer observer : observers) {
            observer.firstToken(target, millis);
        }
    }

    @Override
    public void malformed(Target target) {
        for (Observer observer : observers) {
            observer.malformed(target);
        }
    }

    @Override
    public void probed(ProbeResult result) {
        for (Observer observer : observers) {
            observer.probed(result);
        }
    }

    @Override
    public void done(RequestContext context) {
        for (Observer observer : observers) {
            observer.done(context);
        }
    }
}
