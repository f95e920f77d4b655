package io.bactrian;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaCall;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.bactrian.provider.ProviderClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The borders between packages, and rules that hold for every class. */
final class ArchitectureTest {
    private static final Path SOURCES = Path.of("src/main/java/io/bactrian");
    private static final String OPENAI = "io.bactrian.protocol.openai";
    private static final String ANTHROPIC = "io.bactrian.protocol.anthropic";
    private static final String TRANSLATION = "io.bactrian.protocol.translation";

    /** The results of a translation, what it has to know of the target, and what all vendors count and end with. */
    private static final Set<String> TRANSLATED = Set.of(
            TRANSLATION + ".ChatTarget",
            TRANSLATION + ".Ending",
            TRANSLATION + ".Translated",
            TRANSLATION + ".Untranslatable",
            TRANSLATION + ".Usages");

    /** What an answer is in, wherever it comes from and goes to. */
    private static final Set<String> CANONICAL_FORM =
            Set.of(OPENAI + ".ChatCompletions", OPENAI + ".ChatChunk", OPENAI + ".ContinuedChunk");

    private static final Set<String> PUT_TOGETHER =
            Set.of("io.bactrian.runtime.Protocols", "io.bactrian.runtime.RouteBeans");

    private static final JavaClasses ALL = new ClassFileImporter().importPackages("io.bactrian");
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.bactrian");

    @Test
    void the_policy_knows_no_camel() {
        noClasses()
                .that()
                .resideInAnyPackage(
                        "..bactrian.alert..",
                        "..bactrian.broker..",
                        "..bactrian.config..",
                        "..bactrian.database..",
                        "..bactrian.demo..",
                        "..bactrian.health..",
                        "..bactrian.lastresort..",
                        "..bactrian.metrics..",
                        "..bactrian.page..",
                        "..bactrian.policy..",
                        "..bactrian.protocol..",
                        "..bactrian.quota..",
                        "..bactrian.request..",
                        "..bactrian.selection..",
                        "..bactrian.stream..",
                        "..bactrian.trace..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.camel..")
                .check(MAIN);
    }

    @Test
    void of_the_providers_only_the_http_client_knows_camel() {
        noClasses()
                .that()
                .resideInAPackage("..bactrian.provider..")
                .and()
                .doNotBelongToAnyOf(ProviderClient.class)
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.apache.camel..")
                .check(MAIN);
    }

    @Test
    void reading_the_configuration_translating_and_parsing_streams_stand_alone() {
        for (String one : List.of("config", "protocol.translation", "stream", "demo")) {
            noClasses()
                    .that()
                    .resideInAPackage("io.bactrian." + one + "..")
                    .should()
                    .dependOnClassesThat(are(resideInAPackage("io.bactrian.."))
                            .and(not(resideInAPackage("io.bactrian." + one + ".."))))
                    .check(MAIN);
        }
    }

    /** Neither Camel nor any other library: an application may be compiled against it alone. */
    @Test
    void what_applications_rely_on_depends_on_nothing_internal() {
        classes()
                .that()
                .resideInAPackage("io.bactrian.api..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("io.bactrian.api..", "java..", "org.jspecify.annotations..")
                .check(MAIN);
    }

    @Test
    void an_application_sees_nothing_of_the_gateway_but_its_plugin() {
        noClasses()
                .that(not(resideInAPackage("io.bactrian.embedded")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.bactrian.embedded")
                .check(MAIN);
    }

    @Test
    void what_all_protocols_share_knows_no_vendor() {
        noClasses()
                .that(resideInAPackage("io.bactrian.protocol"))
                .should()
                .dependOnClassesThat(resideInAnyPackage(OPENAI, ANTHROPIC))
                .orShould()
                .dependOnClassesThat(resideInAPackage(TRANSLATION).and(not(isOneOf(TRANSLATED))))
                .check(MAIN);
    }

    @Test
    void openai_knows_nothing_of_anthropic() {
        noClasses()
                .that(resideInAPackage(OPENAI))
                .should()
                .dependOnClassesThat(resideInAPackage(ANTHROPIC))
                .check(MAIN);
    }

    @Test
    void vendors_are_known_to_the_protocols_and_where_the_gateway_is_put_together() {
        noClasses()
                .that(not(resideInAPackage("io.bactrian.protocol..")))
                .and(not(isOneOf(PUT_TOGETHER)))
                .should()
                .dependOnClassesThat(
                        resideInAnyPackage(OPENAI, ANTHROPIC, TRANSLATION).and(not(isOneOf(CANONICAL_FORM))))
                .check(MAIN);
    }

    /** Beside the request, those that read messages to {@code direct:chat}, which have this form by contract. */
    @Test
    void the_canonical_form_is_used_by_the_request_alone() {
        noClasses()
                .that(not(resideInAnyPackage("io.bactrian.protocol..", "io.bactrian.request..")))
                .and(not(isOneOf(PUT_TOGETHER)))
                .and(not(isOneOf(Set.of(
                        "io.bactrian.queue.KafkaSteps",
                        "io.bactrian.queue.QueueSteps",
                        "io.bactrian.routing.RequestPlanner",
                        "io.bactrian.routing.MessageBody",
                        "io.bactrian.routing.MessageHeaders"))))
                .should()
                .dependOnClassesThat(isOneOf(CANONICAL_FORM))
                .check(MAIN);
    }

    @Test
    void the_word_for_a_protocol_is_read_where_it_becomes_an_object() {
        noClasses()
                .that(not(resideInAnyPackage("io.bactrian.config..", "io.bactrian.protocol")))
                .and(not(isOneOf(Set.of("io.bactrian.runtime.Protocols"))))
                .should()
                .dependOnClassesThat(isOneOf(Set.of("io.bactrian.config.Api")))
                .check(MAIN);
    }

    @Test
    void packages_use_what_the_page_allows() throws IOException {
        Map<String, Set<String>> allowed = ArchitecturePage.read().mayUse();
        for (JavaClass type : MAIN) {
            Set<String> used = type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> dependency.getTargetClass().getBaseComponentType())
                    .filter(resideInAPackage("io.bactrian.."))
                    .map(JavaClass::getPackageName)
                    .collect(Collectors.toCollection(TreeSet::new));
            used.remove(type.getPackageName());
            assertThat(allowed).containsKey(type.getPackageName());
            assertThat(allowed.get(type.getPackageName())).as(type.getName()).containsAll(used);
        }
    }

    private static DescribedPredicate<JavaClass> isOneOf(Set<String> names) {
        return DescribedPredicate.describe(
                "are one of " + new TreeSet<>(names),
                type -> names.contains(type.getName().replaceFirst("\\$.*", "")));
    }

    @Test
    void the_http_side_is_known_only_where_the_gateway_is_put_together() {
        noClasses()
                .that(not(resideInAnyPackage(
                        "io.bactrian", "io.bactrian.embedded", "io.bactrian.runtime..", "io.bactrian.web..")))
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.bactrian.web..", "io.bactrian.runtime..", "io.bactrian"))
                .check(MAIN);
    }

    @Test
    void packages_have_no_cycles() {
        slices().matching("io.bactrian.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void open_telemetry_is_known_to_the_traces_alone_and_its_sdk_to_one_class() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.bactrian.trace")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .check(MAIN);
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.bactrian.trace.Sdk")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry.sdk..")
                .check(MAIN);
    }

    /** But for the class that passes on to SLF4J what the OpenTelemetry SDK logs past it. */
    @Test
    void nothing_logs_past_slf4j() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("io.bactrian.trace.SdkLog")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.logging..", "org.apache.logging..", "org.apache.commons.logging..")
                .check(ALL);
    }

    @Test
    void no_code_sleeps() {
        noClasses()
                .should()
                .callMethodWhere(DescribedPredicate.describe("sleep", ArchitectureTest::sleeps))
                .check(ALL);
    }

    private static boolean sleeps(JavaCall<?> call) {
        JavaClass owner = call.getTargetOwner();
        return call.getName().equals("sleep")
                && (owner.isEquivalentTo(Thread.class) || owner.isEquivalentTo(TimeUnit.class));
    }

    /** Packages that know nothing of {@code protocol} have one each; so has the translation, whose numbers stay as written. */
    @Test
    void json_is_mapped_by_few() {
        noClasses()
                .that()
                .doNotBelongToAnyOf(io.bactrian.protocol.Json.class)
                .and()
                .doNotHaveFullyQualifiedName("io.bactrian.config.ValueParsers")
                .and()
                .doNotHaveFullyQualifiedName("io.bactrian.demo.DemoServer")
                .and()
                .doNotHaveFullyQualifiedName("io.bactrian.protocol.translation.ExactJson")
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "of a mapper", call -> call.getTargetOwner().isAssignableTo(ObjectMapper.class)))
                .orShould()
                .callMethod(JsonMapper.class, "builder")
                .check(MAIN);
    }

    @Test
    void classes_are_final_or_made_to_be_implemented() {
        classes()
                .that()
                .areTopLevelClasses()
                .and()
                .areNotInterfaces()
                .and()
                .doNotHaveModifier(com.tngtech.archunit.core.domain.JavaModifier.ABSTRACT)
                .and()
                .doNotHaveSimpleName("package-info")
                .should()
                .haveModifier(com.tngtech.archunit.core.domain.JavaModifier.FINAL)
                .check(MAIN);
    }

    @Test
    void every_package_says_what_it_is_and_where_null_may_be() throws IOException {
        try (Stream<Path> packages = Files.walk(SOURCES)) {
            assertThat(packages.filter(Files::isDirectory))
                    .allSatisfy(folder -> assertThat(folder.resolve("package-info.java"))
                            .content()
                            .containsPattern("^/\\*\\*\\s+(\\* )?\\w+")
                            .contains("@NullMarked"));
        }
    }
}
