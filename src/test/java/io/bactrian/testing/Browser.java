package io.bactrian.testing;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;

/**
 * A headless Chromium with one page, driven through chromedriver, both from the packages of Debian. Nothing is downloaded but
 * these packages, and only where they are missing and the tests run as root. For one thread.
 */
public final class Browser implements AutoCloseable {
    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");
    private static final Path INSTALL_LOG = Path.of("target/chromium-install.log");
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(10);

    /** Long enough for a busy machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ChromeDriver driver;

    private Browser(ChromeDriver driver) {
        this.driver = driver;
    }

    /** Starts one; skips the test where Chromium is missing and cannot be installed. */
    public static Browser start() {
        install();
        ChromeOptions options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--hide-scrollbars",
                "--disable-background-networking",
                "--no-first-run",
                "--no-proxy-server",
                "--user-data-dir=" + Folders.temporary("bactrian-chromium"));
        options.setCapability("goog:loggingPrefs", Map.of(LogType.BROWSER, "ALL"));
        ChromeDriverService service = new ChromeDriverService.Builder()
                .usingDriverExecutable(DRIVER.toFile())
                .usingAnyFreePort()
                .build();
        Browser browser = new Browser(new ChromeDriver(service, options));
        browser.command(
                "Page.addScriptToEvaluateOnNewDocument",
                Map.of(
                        "source",
                        "window.violations = [];"
                                + "addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective + ' ' + e.blockedURI));"));
        return browser.size(1280, 900);
    }

    private static void install() {
        if (installed()) {
            return;
        }
        Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")) && Files.isExecutable(Path.of("/usr/bin/apt-get")),
                "skipped without Chromium: install the packages chromium and chromium-driver");
        try {
            Files.createDirectories(INSTALL_LOG.getParent());
            try (FileChannel file = FileChannel.open(
                            Path.of(System.getProperty("java.io.tmpdir"), "bactrian-chromium.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
                    FileLock lock = file.lock()) {
                if (!installed() && !(packages() || (apt("update") && packages()))) {
                    Assumptions.abort("skipped without Chromium: it could not be installed, see " + INSTALL_LOG);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean installed() {
        return Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
    }

    private static boolean packages() throws IOException {
        return apt("install", "-y", "--no-install-recommends", "chromium", "chromium-driver") && installed();
    }

    private static boolean apt(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("apt-get", "-o", "DPkg::Lock::Timeout=300"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(INSTALL_LOG.toFile()));
        builder.environment().put("DEBIAN_FRONTEND", "noninteractive");
        Process process = builder.start();
        try {
            if (process.waitFor(INSTALL_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroyForcibly();
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            return false;
        }
    }

    /** Sets the size of the page, in CSS pixels; narrower than any window can be, too. */
    public Browser size(int width, int height) {
        command(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", false));
        return this;
    }

    /** Sets the system's preference, {@code light} or {@code dark}. */
    public Browser prefers(String scheme) {
        command(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", scheme))));
        return this;
    }

    private void command(String name, Map<String, Object> parameters) {
        driver.executeCdpCommand(name, parameters);
    }

    /** Opens an address without the cookies of the page before. */
    public void open(URI address) {
        driver.get("about:blank");
        command("Network.clearBrowserCookies", Map.of());
        driver.get(address.toString());
    }

    public void reload() {
        driver.navigate().refresh();
    }

    public String address() {
        return driver.getCurrentUrl();
    }

    /** The first element that a CSS selector finds, as soon as there is one. */
    public WebElement find(String selector) {
        return await().atMost(PATIENCE)
                .until(
                        () -> driver.findElements(By.cssSelector(selector)).stream()
                                .findFirst(),
                        found -> found.isPresent())
                .orElseThrow();
    }

    /** The number of elements that a CSS selector finds now. */
    public int count(String selector) {
        return driver.findElements(By.cssSelector(selector)).size();
    }

    /** The text of the first element that a CSS selector finds now, as it is seen; empty if there is none. */
    public String text(String selector) {
        return evaluate("return document.querySelector(arguments[0])?.innerText ?? ''", selector);
    }

    /** Clicks the button with this name for assistive technology, as soon as there is one. */
    public void click(String name) {
        WebElement button = find("button[aria-label='" + name + "']");
        evaluate("arguments[0].scrollIntoView({block: 'center'})", button);
        button.click();
    }

    /** Presses keys wherever the focus is. */
    public void press(CharSequence... keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /** Presses Tab until the focus is on an element that a CSS selector matches. */
    public void tabTo(String selector) {
        for (int i = 0; i < 200; i++) {
            if (this.<Boolean>evaluate("return document.activeElement.matches(arguments[0])", selector)) {
                return;
            }
            press(Keys.TAB);
        }
        throw new AssertionError("Tab does not reach " + selector);
    }

    /** The value of a script that ends with {@code return}. */
    @SuppressWarnings("unchecked")
    public <T> T evaluate(String script, Object... arguments) {
        return (T) driver.executeScript(script, arguments);
    }

    /** Waits until an assertion holds. */
    public void eventually(ThrowingRunnable assertion) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(assertion);
    }

    /** What broke the page's security policy and what it wrote to the console, responses with an error status aside. */
    public List<String> complaints() {
        List<String> complaints = new ArrayList<>(this.<List<String>>evaluate("return window.violations ?? []"));
        for (LogEntry entry : driver.manage().logs().get(LogType.BROWSER)) {
            boolean response = entry.getMessage().contains("Failed to load resource")
                    || entry.getMessage().contains("net::ERR_");
            boolean serious =
                    entry.toString().contains("[SEVERE]") || entry.toString().contains("[WARNING]");
            if (serious && !response) {
                complaints.add(entry.getMessage());
            }
        }
        return complaints;
    }

    /** The page as it is seen, as PNG. */
    public byte[] screenshot() {
        return driver.getScreenshotAs(OutputType.BYTES);
    }

    @Override
    public void close() {
        driver.quit();
    }
}
