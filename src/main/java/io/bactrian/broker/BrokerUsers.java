package io.bactrian.broker;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.security.auth.Subject;
import org.apache.activemq.artemis.core.remoting.impl.invm.InVMConnection;
import org.apache.activemq.artemis.core.security.CheckType;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.apache.activemq.artemis.spi.core.security.ActiveMQSecurityManager5;
import org.apache.activemq.artemis.spi.core.security.jaas.UserPrincipal;
import org.jspecify.annotations.Nullable;

/**
 * The users of the embedded broker: callers, by the name of their key and the key itself as the password. Without keys every program
 * on this machine may use it; the gateway's own connections always may. A user may not manage it. Thread-safe.
 */
final class BrokerUsers implements ActiveMQSecurityManager5 {
    private static final String OWN = "gateway";

    private final Supplier<Map<String, String>> keys;

    /** @param keys the names of the keys in force by the keys */
    BrokerUsers(Supplier<Map<String, String>> keys) {
        this.keys = keys;
    }

    @Override
    public @Nullable Subject authenticate(
            @Nullable String user, @Nullable String password, @Nullable RemotingConnection connection, String domain) {
        boolean own = connection != null && connection.getTransportConnection() instanceof InVMConnection;
        if (!own && !validateUser(user, password)) {
            return null;
        }
        Subject subject = new Subject();
        subject.getPrincipals().add(new UserPrincipal(own || user == null ? OWN : user));
        return subject;
    }

    @Override
    public boolean authorize(Subject subject, Set<Role> roles, CheckType check, String address) {
        return check != CheckType.MANAGE;
    }

    @Override
    public boolean validateUser(@Nullable String user, @Nullable String password) {
        Map<String, String> known = keys.get();
        if (known.isEmpty()) {
            return true;
        }
        if (user == null || password == null) {
            return false;
        }
        byte[] given = password.getBytes(StandardCharsets.UTF_8);
        boolean valid = false;
        for (Map.Entry<String, String> key : known.entrySet()) {
            valid |= MessageDigest.isEqual(key.getKey().getBytes(StandardCharsets.UTF_8), given)
                    & key.getValue().equals(user);
        }
        return valid;
    }

    @Override
    public boolean validateUserAndRole(
            @Nullable String user, @Nullable String password, Set<Role> roles, CheckType check) {
        return check != CheckType.MANAGE && validateUser(user, password);
    }
}
