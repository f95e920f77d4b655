package io.bactrian.channel;

import io.bactrian.alert.Alert;
import io.bactrian.alert.AlertJson;
import io.bactrian.alert.AlertMessage;
import io.bactrian.config.MailAddress;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.camel.component.mail.DefaultAuthenticator;
import org.apache.camel.component.mail.MailAuthenticator;

/** Mails about alerts. Those about the same alert are one thread. Stateless. */
final class AlertMail {
    private static final int MAX_SUBJECT = 150;
    private static final String TIMEOUT = "5000";

    private AlertMail() {}

    /**
     * The endpoint for a mail server, without user and password.
     *
     * @param authenticator the name of a bean that has them; empty if the server asks for none
     */
    static String endpoint(MailAddress mail, String authenticator) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("from", "bactrian@localhost");
        options.put("connectionTimeout", TIMEOUT);
        for (String protocol : new String[] {"smtp", "smtps"}) {
            options.put("mail." + protocol + ".timeout", TIMEOUT);
            options.put("mail." + protocol + ".writetimeout", TIMEOUT);
        }
        options.putAll(mail.options());
        if (!authenticator.isEmpty()) {
            options.put("authenticator", "#" + authenticator);
        }
        return mail.server() + "?"
                + options.entrySet().stream()
                        .map(option -> encode(option.getKey()) + "=" + encode(option.getValue()))
                        .collect(Collectors.joining("&"));
    }

    static MailAuthenticator authenticator(MailAddress mail) {
        return new DefaultAuthenticator(mail.username(), mail.password());
    }

    static Map<String, Object> headers(AlertMessage message, String cluster) {
        Alert alert = message.alert();
        String thread = "<%s.%s@bactrian>".formatted(alert.id(), cluster);
        Map<String, Object> headers = new LinkedHashMap<>();
        boolean resolved = message.state() == AlertMessage.State.RESOLVED;
        String subject = resolved ? message.headline() : AlertJson.lower(alert.severity()) + ": " + message.headline();
        headers.put("Subject", WebhookText.cut("[Bactrian %s] %s".formatted(cluster, subject), MAX_SUBJECT));
        headers.put("Content-Type", "text/plain; charset=utf-8");
        if (message.state() == AlertMessage.State.OPEN) {
            headers.put("Message-ID", thread);
        } else {
            headers.put("In-Reply-To", thread);
            headers.put("References", thread);
        }
        return headers;
    }

    static String body(AlertMessage message, String cluster) {
        Alert alert = message.alert();
        return """
                %s

                State: %s
                Severity: %s
                Key: %s
                Cluster: %s
                Since: %s
                What to do: %s
                """.formatted(
                        alert.text(),
                        AlertJson.lower(message.state()),
                        AlertJson.lower(alert.severity()),
                        alert.key(),
                        cluster,
                        AlertJson.time(alert.since()),
                        message.kind().runbook());
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
