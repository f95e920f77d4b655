package io.bactrian.broker;

import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The URLs of brokers: what they mean, and how they are told without their secrets. Stateless. */
final class BrokerUrls {
    private static final Pattern ADDRESS = Pattern.compile("(\\w+)://(?:[^/@,()?]*@)?([^/?;,()]*)");
    private static final Pattern USER = Pattern.compile("(\\w+://)([^/@:,()?]+)(?::([^/@,()?]*))?@(.*)");
    private static final List<String> CORE = List.of("tcp", "vm", "udp", "jgroups");

    /** The limit of a call to a broker elsewhere: one that hangs must not hang the stop of the gateway. */
    static final int CALL_MILLIS = 10_000;

    private BrokerUrls() {}

    /** Whether the broker is spoken to in AMQP 1.0. */
    static boolean amqp(String url) {
        return url.toLowerCase(Locale.ROOT).matches("(failover:\\(?)?amqp(s|ws|wss)?:.*");
    }

    /** Whether it is a URL of an Artemis broker in its own protocol. */
    static boolean core(String url) {
        String bare = url.startsWith("(") ? url.substring(1) : url;
        return CORE.stream().anyMatch(scheme -> bare.startsWith(scheme + "://"));
    }

    /** Its addresses, without users, passwords and options: {@code tcp://a:61616, tcp://b:61616}. */
    static String told(String url) {
        return String.join(
                ", ",
                ADDRESS.matcher(url.replaceAll("\\?.*?(?=[,)]|$)", ""))
                        .results()
                        .map(BrokerUrls::address)
                        .toList());
    }

    private static String address(MatchResult found) {
        return found.group(1) + "://" + found.group(2);
    }

    /** The URL for an AMQP client: unless it says otherwise, nothing is fetched in advance and a lost connection is an error. */
    static String forAmqp(String url) {
        String full = with(user(url, "jms.username", "jms.password"), "jms.prefetchPolicy", "jms.prefetchPolicy.all=0");
        full = with(full, "jms.requestTimeout", "jms.requestTimeout=" + CALL_MILLIS);
        full = with(full, "jms.closeTimeout", "jms.closeTimeout=3000");
        // A consumer that waits for a message ends with the connection only.
        String silence = "amqp.idleTimeout=" + CALL_MILLIS;
        full = with(full, "amqp.idleTimeout", url.startsWith("failover:") ? "failover.nested." + silence : silence);
        if (url.startsWith("failover:")) {
            full = with(full, "failover.maxReconnectAttempts", "failover.maxReconnectAttempts=1");
            full = with(full, "failover.startupMaxReconnectAttempts", "failover.startupMaxReconnectAttempts=1");
        }
        return full;
    }

    /** The URL for an Artemis client. */
    static String forCore(String url) {
        return user(url, "user", "password");
    }

    /** Makes options of a user and a password before the host, where the clients do not look for them. */
    private static String user(String url, String user, String password) {
        Matcher found = USER.matcher(url);
        if (!found.matches()) {
            return url;
        }
        String bare = with(found.group(1) + found.group(4), user + "=", user + "=" + found.group(2));
        return found.group(3) == null ? bare : with(bare, password + "=", password + "=" + found.group(3));
    }

    private static String with(String url, String option, String wanted) {
        if (url.contains(option)) {
            return url;
        }
        int nested = url.lastIndexOf(')');
        return url + (url.indexOf('?', Math.max(0, nested)) >= 0 ? "&" : "?") + wanted;
    }
}
