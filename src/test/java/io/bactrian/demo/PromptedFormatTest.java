package io.bactrian.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wordings in which client libraries ask for JSON, and what is answered to them. */
final class PromptedFormatTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCHEMA = """
        {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
          "actor":{"type":"string"},"movies":{"type":"array","items":{"type":"string"}}},
          "required":["actor","movies"],"additionalProperties":false}\
        """;

    private static final String FITS = "{\"actor\":\"Oslo\",\"movies\":[\"Oslo\"]}";

    @Test
    void langchain4j_describes_a_class() {
        assertThat(answer("", """
            Extract information about a person from Klaus Heisler, 1999.
            You must answer strictly in the following JSON format: {
            "firstName": (type: string),
            "age": (the age, in years; type: integer),
            "height": (type: double),
            "married": (type: boolean),
            "birthDate": (type: date string (2023-12-31)),
            "seenAt": (type: date-time string (2023-12-31T23:59:59)),
            "mood": (type: enum, must be one of [HAPPY, SAD]),
            "tags": (type: array of string),
            "address": (type: com.example.Address: {
            "street": (type: string),
            "number": (type: integer)
            }),
            "friends": (type: array of com.example.Friend: {
            "name": (type: string)
            })
            }\
            """))
                .isEqualTo("{\"firstName\":\"Oslo\",\"age\":1,\"height\":1,\"married\":true,"
                        + "\"birthDate\":\"2026-11-23\",\"seenAt\":\"2026-11-23T12:00:00\",\"mood\":\"HAPPY\","
                        + "\"tags\":[\"Oslo\"],\"address\":{\"street\":\"Oslo\",\"number\":1},"
                        + "\"friends\":[{\"name\":\"Oslo\"}]}");
    }

    @Test
    void langchain4j_asks_for_a_list_of_objects() {
        assertThat(answer("", """
            Who is there?
            You must answer strictly in the following JSON format: {"values": [{
            "name": (type: string)
            }]}\
            """)).isEqualTo("{\"values\":[{\"name\":\"Oslo\"}]}");
    }

    @Test
    void langchain4j_asks_for_single_values() {
        assertThat(answer("", "Is it so?\nYou must answer strictly in the following format: one of [true, false]"))
                .isEqualTo("true");
        assertThat(answer("", "How many?\nYou must answer strictly in the following format: integer number"))
                .isEqualTo("1");
        assertThat(answer("", "How much?\nYou must answer strictly in the following format: floating point number"))
                .isEqualTo("1.0");
        assertThat(answer("", "When?\nYou must answer strictly in the following format: yyyy-MM-dd"))
                .isEqualTo("2026-11-23");
        assertThat(answer("", "How was it?\nYou must answer strictly with one of these enums:\nPOSITIVE\nNEGATIVE"))
                .isEqualTo("POSITIVE");
        assertThat(answer(
                        "",
                        "Which?\n"
                                + "You must answer strictly with zero or more of these enums on a separate line:\n"
                                + "RED\n"
                                + "BLUE"))
                .isEqualTo("RED");
    }

    @Test
    void in_json_mode_the_answer_is_an_object() {
        String single = "Is it so?\nYou must answer strictly in the following format: one of [true, false]";

        assertThat(PromptedFormat.object(PromptedFormat.of("", single)).sample("Oslo"))
                .isEqualTo("{\"value\":true}");
        assertThat(PromptedFormat.object(PromptedFormat.of(
                                "", "When?\nYou must answer strictly in the following format: yyyy-MM-dd"))
                        .sample("Oslo"))
                .isEqualTo("{\"value\":\"2026-11-23\"}");
        assertThat(PromptedFormat.object(null).sample("Oslo")).isEqualTo("{\"answer\":\"Oslo\"}");
        assertThat(PromptedFormat.object(PromptedFormat.of(
                                SCHEMA + " Answer in JSON.", "Within a ```json codeblock, return JSON."))
                        .sample("Oslo"))
                .isEqualTo(FITS);
    }

    @Test
    void spring_ai_gives_a_schema() {
        assertThat(answer("", """
            Generate the filmography of 5 movies for Tom Hanks.
            Your response should be in JSON format.
            Do not include any explanations, only provide a RFC8259 compliant JSON response following this format without deviation.
            Do not include markdown code blocks in your response.
            Remove the ```json markdown from the output.
            Here is the JSON Schema instance your output must adhere to:
            ```%s```
            """.formatted(SCHEMA))).isEqualTo(FITS);
    }

    @Test
    void spring_ai_asks_for_a_map_or_a_list() {
        assertThat(answer("", """
            Give me numbers.
            Your response should be in JSON format.
            The data structure for the JSON should match this Java class: java.util.HashMap
            Do not include any explanations, only provide a RFC8259 compliant JSON response following this format without deviation.
            Remove the ```json markdown surrounding the output including the trailing "```".
            """)).isEqualTo("{\"answer\":\"Oslo\"}");
        assertThat(answer(
                        "",
                        "Your response should be in JSON format.\nHere is the JSON Schema instance your output must"
                                + " adhere to:\n```{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}```"))
                .isEqualTo("[1]");
    }

    @Test
    void instructor_gives_the_schema_in_the_instructions() {
        String system = """
            As a genius expert, your task is to understand the content and provide
            the parsed objects in json that match the following json_schema:


            %s

            Make sure to return an instance of the JSON, not the schema itself
            """.formatted(SCHEMA);

        assertThat(answer(system, "Tom Hanks played in Big.")).isEqualTo(FITS);
        assertThat(answer(
                        system,
                        "Tom Hanks played in Big.\n\n"
                                + "Return the correct JSON response within a ```json codeblock. not the JSON_SCHEMA"))
                .isEqualTo("```json\n" + FITS + "\n```");
        assertThat(answer(system, "Read {\"title\": \"Big\"} and return JSON.")).isEqualTo(FITS);
    }

    @Test
    void langchain_has_an_example_before_the_schema() {
        assertThat(answer("", """
            The output should be formatted as a JSON instance that conforms to the JSON schema below.

            As an example, for the schema {"properties": {"foo": {"type": "array", "items": {"type": "string"}}}, "required": ["foo"]}
            the object {"foo": ["bar", "baz"]} is a well-formatted instance of the schema.

            Here is the output schema:
            ```
            %s
            ```
            Tell me of Tom Hanks.\
            """.formatted(SCHEMA))).isEqualTo(FITS);
    }

    @Test
    void llama_index_and_the_ai_sdk_give_a_schema() {
        assertThat(answer(
                        "",
                        "Here's a JSON schema to follow:\n" + SCHEMA
                                + "\n\nOutput a valid JSON object but do not repeat the schema."))
                .isEqualTo(FITS);
        assertThat(answer(
                        "JSON schema:\n" + SCHEMA
                                + "\nYou MUST answer with a JSON object that matches the JSON schema above.",
                        "Tom Hanks"))
                .isEqualTo(FITS);
    }

    @Test
    void an_example_is_followed() {
        assertThat(answer(
                        "",
                        "Reply only with JSON like {\"city\": \"Rome\", \"degrees\": 20.5, \"days\": [3],"
                                + " \"ok\": false}"))
                .isEqualTo("{\"city\":\"Oslo\",\"degrees\":1,\"days\":[1],\"ok\":true}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Name three cities. Answer with a JSON object.",
                "Respond in JSON.",
                "Return only valid JSON, please",
                "You MUST answer with JSON.",
                "Give me JSON.",
                "Extract the names as JSON",
                "Please output your answer as a json object with the keys a and b",
                "Your answer should be valid JSON."
            })
    void a_plain_request_for_json_gets_an_object(String message) throws Exception {
        assertThat(JSON.readTree(answer("", message)).isObject()).isTrue();
        assertThat(JSON.readTree(answer(message, "Hi")).isObject()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Hi",
                "What is JSON?",
                "How do I return JSON from a servlet?",
                "Explain the JSON format.",
                "Write a JSON parser in Java.",
                "Is YAML a superset of JSON?",
                "My file is called output.json",
                "Generate a Python script that reads a JSON file"
            })
    void a_mention_of_json_does_not_change_the_answer(String message) {
        assertThat(PromptedFormat.of("You are helpful.", message)).isNull();
    }

    @Test
    void the_long_instructions_of_an_agent_do_not_change_the_answer() {
        assertThat(PromptedFormat.of("Return JSON if a tool asks for it. " + "Be brief. ".repeat(1000), "Hi"))
                .isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"a\":", "(", "\"", "{\"a\": (type: array of ", "[[[[[[[[[[[[[[[[[[[[[[[["})
    void a_template_that_breaks_off_is_no_mistake(String template) {
        JsonNode schema = JsonTemplate.schema(template);

        assertThat(schema.isObject()).isTrue();
        assertThat(answer("", "You must answer strictly in the following JSON format: " + template))
                .isNotEmpty();
    }

    private static String answer(String instructions, String message) {
        return Objects.requireNonNull(PromptedFormat.of(instructions, message)).sample("Oslo");
    }
}
