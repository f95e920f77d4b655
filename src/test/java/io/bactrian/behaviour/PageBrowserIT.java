package io.bactrian.behaviour;

import static org.assertj.core.api.Assertions.assertThat;

import io.bactrian.testing.Browser;
import io.bactrian.testing.Gateway;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.openqa.selenium.Keys;

/** The page at {@code /} in a browser, before the simulated providers. */
final class PageBrowserIT {
    private static final String FIRST = "anthropic/claude-sonnet-5-5";
    private static final String SECOND = "openai/gpt-6.1-terra";

    private static Browser browser;

    private Gateway gateway;

    @BeforeAll
    static void start_the_browser() {
        browser = Browser.start();
    }

    @AfterAll
    static void stop_the_browser() {
        if (browser != null) {
            browser.close();
        }
    }

    @AfterEach
    void nothing_breaks_the_security_policy_or_is_written_to_the_console() {
        try {
            assertThat(browser.complaints()).isEmpty();
        } finally {
            stop();
        }
    }

    @Test
    void a_broken_provider_is_told_by_its_box_and_the_fallback_by_the_list_until_it_is_mended() {
        openDemo("/");
        assertThat(gateway.ask().header("x-bactrian-target")).isEqualTo(FIRST);
        browser.eventually(() -> assertThat(browser.text(box(FIRST))).contains("Answering"));
        assertThat(browser.count(".row")).isZero();
        assertThat(browser.count(".queue")).as("no queue, no line").isZero();

        browser.click("Break anthropic");
        browser.find(".panel button[value='503']").click();
        browser.eventually(() -> assertThat(browser.text(box(FIRST))).contains("broken: 503"));
        Gateway.Answer answer = gateway.ask();
        assertThat(answer.header("x-bactrian-target")).isEqualTo(SECOND);

        browser.eventually(() -> assertThat(browser.text(box(FIRST))).contains("OVERLOADED"));
        browser.eventually(() -> assertThat(browser.text(box(SECOND))).contains("Answering"));
        browser.eventually(() -> assertThat(browser.text(".row[data-kind='fallback']"))
                .contains(FIRST, "OVERLOADED", SECOND, "default", answer.header("x-request-id")));
        browser.find(".row[data-kind='fallback'] .toggle").click();
        browser.eventually(() -> assertThat(browser.text(".trail")).contains(FIRST, "529", "OK"));

        browser.click("Mend anthropic");
        browser.eventually(() -> assertThat(browser.count("button[aria-label='Break anthropic']"))
                .isEqualTo(1));
        assertThat(browser.text(box(FIRST))).doesNotContain("broken");
    }

    @Test
    void a_drill_is_started_and_ended() {
        openDemo("/");
        browser.click("Drill " + FIRST);
        browser.find(".panel select[name='fault'] option[value='500']").click();
        browser.find(".panel button[type='submit']").click();
        browser.eventually(() -> assertThat(browser.text(box(FIRST))).contains("drill 500"));
        assertThat(gateway.ask().header("x-bactrian-drill")).isEqualTo(FIRST + "=500");

        browser.click("End the drill of " + FIRST);
        browser.eventually(() -> assertThat(browser.text(box(FIRST))).doesNotContain("drill 500"));
        assertThat(gateway.ask().header("x-bactrian-drill")).isEmpty();
    }

    @Test
    void opening_a_breaker_asks_first_and_closing_does_not() {
        openDemo("/");
        browser.click("Open " + FIRST);
        assertThat(browser.find("dialog[open]").getText()).contains("Open the breaker of " + FIRST);
        browser.press(Keys.ENTER); // on Cancel
        browser.eventually(() -> assertThat(browser.count("dialog")).isZero());
        assertThat(gateway.ask().header("x-bactrian-target")).isEqualTo(FIRST);

        browser.click("Open " + FIRST);
        browser.find("dialog[open] button.strong").click();
        browser.eventually(() -> assertThat(state(FIRST)).isEqualTo("OPEN"));
        assertThat(browser.text(box(FIRST))).contains("Open", "left");
        assertThat(gateway.ask().header("x-bactrian-skipped")).isEqualTo(FIRST + "=CIRCUIT_OPEN");

        browser.click("Close " + FIRST);
        browser.eventually(() -> assertThat(state(FIRST)).isNotEqualTo("OPEN"));
        assertThat(gateway.ask().header("x-bactrian-target")).isEqualTo(FIRST);
    }

    @Test
    void a_key_logs_in_and_a_wrong_one_does_not() {
        openDemo("/", "bactrian.server.keys=ops:key-of-ops");
        browser.find("#key").sendKeys("key-of-nobody", Keys.ENTER);
        browser.eventually(() -> assertThat(browser.text(".refusal")).isNotEmpty());
        assertThat(browser.count(".chain")).isZero();

        browser.find("#key").sendKeys(Keys.chord(Keys.CONTROL, "a"), "key-of-ops", Keys.ENTER);
        browser.eventually(() -> assertThat(browser.text("header")).contains("key: ops", "live"));
        browser.reload();
        browser.eventually(() -> assertThat(browser.text("header")).contains("key: ops", "live"));
        assertThat(browser.<String>evaluate("return document.cookie"))
                .as("what scripts may read")
                .isEmpty();

        browser.find(".tools button:last-child").click();
        browser.find("#key");
        browser.reload();
        browser.find("#key");
        assertThat(browser.count(".chain")).isZero();
    }

    @Test
    void the_page_says_since_when_it_is_not_live() {
        openDemo("/");
        browser.eventually(() -> assertThat(browser.text(".live")).isEqualTo("live"));
        stop();
        browser.eventually(() -> assertThat(browser.text(".live")).matches("not live since \\d\\d:\\d\\d:\\d\\d"));
        assertThat(browser.count(".chain")).as("the last picture stays").isPositive();
    }

    @Test
    void the_filter_is_part_of_the_address() {
        openDemo("/");
        fail("anthropic");
        browser.eventually(() -> assertThat(browser.count(".row")).isPositive());
        browser.press("/");
        browser.press("no such words");
        browser.eventually(() -> assertThat(browser.count(".row")).isZero());
        assertThat(browser.address()).contains("text=no+such+words");
        browser.reload();
        browser.eventually(() -> assertThat(browser.text(".list")).contains("No event passes the filter."));
        assertThat(browser.find("#filter-text").getDomProperty("value")).isEqualTo("no such words");

        browser.open(gateway.uri("/?kind=fallback&class=OVERLOADED&chain=default"));
        browser.eventually(() -> assertThat(browser.count(".row")).isPositive());
    }

    @Test
    void the_keyboard_is_enough() {
        openDemo("/?kind=fallback");
        fail("anthropic");
        browser.eventually(() -> assertThat(browser.count(".row")).isPositive());
        browser.press("?");
        browser.eventually(() -> assertThat(browser.count("dialog[open]")).isOne());
        browser.press(Keys.ESCAPE);
        browser.eventually(() -> assertThat(browser.count("dialog")).isZero());

        browser.press("j");
        browser.press(Keys.ENTER);
        browser.eventually(() -> assertThat(browser.text(".trail")).contains("OVERLOADED"));
        browser.press(Keys.ENTER);
        browser.eventually(() -> assertThat(browser.count(".trail")).isZero());

        browser.reload();
        browser.find(box(SECOND));
        browser.tabTo("button[aria-label='Drill " + SECOND + "']");
        browser.press(Keys.ENTER);
        browser.tabTo(".panel button[type='submit']");
        browser.press(Keys.ENTER);
        browser.eventually(() -> assertThat(browser.text(box(SECOND))).contains("drill 429"));
        browser.tabTo("button.copy");
    }

    @Test
    void a_phone_shows_everything_without_scrolling_to_the_side() {
        browser.size(390, 800);
        try {
            openDemo("/");
            fail("anthropic");
            browser.eventually(() -> assertThat(browser.count(".row")).isPositive());
            browser.find(".row .toggle").sendKeys(Keys.ENTER);
            browser.click("Drill " + FIRST);
            browser.find(".panel");
            assertThat(
                            browser.<Boolean>evaluate(
                                    "return document.documentElement.scrollWidth <= innerWidth"
                                            + " && [...document.querySelectorAll('main *')].every(e => e.getBoundingClientRect().right <= innerWidth)"))
                    .isTrue();
            assertThat(browser.<Boolean>evaluate("return [...document.querySelectorAll('.target')]"
                            + ".every((box, i, all) => i === 0 || box.offsetLeft === all[0].offsetLeft)"))
                    .as("boxes in a column")
                    .isTrue();
        } finally {
            browser.size(1280, 900);
        }
    }

    @Test
    void the_theme_is_that_of_the_system_until_another_is_chosen() {
        browser.prefers("dark");
        try {
            openDemo("/");
            browser.find("header");
            String dark = background();
            browser.prefers("light");
            browser.eventually(() -> assertThat(background()).isNotEqualTo(dark));
            String light = background();

            browser.click("Theme: system. Switch to light");
            browser.click("Theme: light. Switch to dark");
            browser.eventually(() -> assertThat(background()).isEqualTo(dark));
            browser.reload();
            browser.find("header");
            assertThat(background()).isEqualTo(dark);
            browser.click("Theme: dark. Switch to system");
            browser.eventually(() -> assertThat(background()).isEqualTo(light));
        } finally {
            browser.prefers("light");
        }
    }

    /** Writes the picture of the documentation: {@code -Dpage.screenshot}. */
    @Test
    @EnabledIfSystemProperty(named = "page.screenshot", matches = ".*")
    void the_picture_of_the_documentation_shows_one_provider_broken() throws IOException {
        browser.size(1280, 1000);
        try {
            openDemo(
                    "/",
                    "bactrian.chains.default=" + FIRST + ", " + SECOND + ", groq/openai/gpt-oss-120b, static:sorry",
                    "bactrian.static.sorry=Please try again in a few minutes.");
            browser.find(box(FIRST));
            ask(1000);
            fault("anthropic", "503");
            ask(300);
            fault("openai", "cut");
            ask(2);
            fault("openai", "off");
            CompletableFuture<Void> more = CompletableFuture.runAsync(() -> ask(60));
            browser.eventually(() -> assertThat(state(FIRST)).isIn("OPEN", "DOWN"));
            browser.eventually(() -> assertThat(state(SECOND)).isEqualTo("ANSWERING"));
            byte[] seen = browser.screenshot();
            more.join();
            Path picture = Path.of("docs/images/page.png");
            Files.createDirectories(picture.getParent());
            Files.write(picture, seen);
            assertThat(Files.size(picture)).isLessThan(300_000);
        } finally {
            browser.size(1280, 900);
        }
    }

    private void openDemo(String path, String... lines) {
        String[] all = new String[lines.length + 2];
        all[0] = "camel.server.host=127.0.0.1";
        all[1] = "bactrian.demo=on";
        System.arraycopy(lines, 0, all, 2, lines.length);
        gateway = Gateway.start(all);
        browser.open(gateway.uri(path));
    }

    private void stop() {
        if (gateway != null) {
            gateway.close();
            gateway = null;
        }
    }

    private void fail(String provider) {
        fault(provider, "503");
        assertThat(gateway.ask().status()).isEqualTo(200);
    }

    private void fault(String provider, String kind) {
        assertThat(gateway.post("/demo/" + provider + "/fault?kind=" + kind, "").status())
                .isEqualTo(200);
    }

    /** Has many callers ask for a stream, until so many have been answered. */
    private void ask(int requests) {
        try (ExecutorService callers = Executors.newFixedThreadPool(20)) {
            for (int i = 0; i < requests; i++) {
                callers.execute(gateway::stream);
            }
        }
    }

    private static String box(String target) {
        return "[data-target='" + target + "']";
    }

    private static String state(String target) {
        return browser.find(box(target)).getDomAttribute("data-state");
    }

    private static String background() {
        return browser.evaluate("return getComputedStyle(document.documentElement).backgroundColor");
    }
}
