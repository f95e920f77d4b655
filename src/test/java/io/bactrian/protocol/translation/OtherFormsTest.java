package io.bactrian.protocol.translation;

import static io.bactrian.protocol.translation.Trees.json;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OtherFormsTest {

    @Test
    void developers_become_the_system() {
        assertThat(rewritten(
                        "{'messages':[{'role':'developer','content':'a'},{'role':'user','content':'developer'}]}",
                        OtherForms::systemRoles))
                .isEqualTo(
                        json("{'messages':[{'role':'system','content':'a'},{'role':'user','content':'developer'}]}"));
    }

    @Test
    void instructions_become_one_message_in_front() {
        assertThat(rewritten(
                        "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b'},{'role':'system','content':'s'},"
                                + "{'role':'user','content':'c'},{'role':'system','content':[{'type':'text','text':'t'}]}]}",
                        OtherForms::leadingInstructions))
                .isEqualTo(json("{'messages':[{'role':'system','content':'s\\n"
                        + "\\n"
                        + "t'},{'role':'user','content':'a'},{'role':'assistant','content':'b'},"
                        + "{'role':'user','content':'c'}]}"));
    }

    @Test
    void instructions_behind_an_answer_stay_lest_the_answer_is_continued() {
        String last =
                "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'b'},{'role':'system','content':'s'}]}";

        assertThat(rewritten(last, OtherForms::leadingInstructions)).isEqualTo(json(last));
        assertThat(rewritten(last, OtherForms::systemField)).isEqualTo(json(last));
    }

    @Test
    void instructions_among_messages_join_the_field_for_them() {
        assertThat(rewritten(
                        "{'system':'r','messages':[{'role':'user','content':'a'},{'role':'system','content':'s'}]}",
                        OtherForms::systemField))
                .isEqualTo(json("{'system':[{'type':'text','text':'r'},{'type':'text','text':'s'}],"
                        + "'messages':[{'role':'user','content':'a'}]}"));
        assertThat(rewritten("{'system':'r','messages':[{'role':'user','content':'a'}]}", OtherForms::systemField))
                .isEqualTo(json("{'system':'r','messages':[{'role':'user','content':'a'}]}"));
    }

    @Test
    void lists_of_texts_become_one_text_and_pictures_stay() {
        assertThat(rewritten(
                        "{'messages':[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]},"
                                + "{'role':'user','content':[{'type':'text','text':'a'},{'type':'image_url','image_url':{'url':'u'}}]}]}",
                        OtherForms::singleTexts))
                .isEqualTo(
                        json(
                                "{'messages':[{'role':'user','content':'a\\n"
                                        + "b'},{'role':'user','content':[{'type':'text','text':'a'},{'type':'image_url','image_url':{'url':'u'}}]}]}"));
    }

    @Test
    void calls_without_arguments_have_an_empty_object() {
        assertThat(rewritten(
                                "{'messages':[{'role':'assistant','tool_calls':[{'function':{'name':'f','arguments':''}},"
                                        + "{'function':{'name':'g','arguments':'[]'}}]}]}",
                                OtherForms::emptyObjects)
                        .at("/messages/0/tool_calls/0/function/arguments")
                        .asText())
                .isEqualTo("{}");
    }

    @Test
    void reasoning_of_earlier_answers_goes_unless_nothing_is_left() {
        Set<String> dropped = new LinkedHashSet<>();
        ObjectNode request = (ObjectNode) json("{'messages':[{'role':'assistant','content':["
                + "{'type':'thinking','thinking':'hm','signature':'s'},{'type':'text','text':'a'}]},"
                + "{'role':'assistant','content':[{'type':'redacted_thinking','data':'d'}]}]}");

        OtherForms.withoutReasoning(request, dropped);

        assertThat(request)
                .isEqualTo(json("{'messages':[{'role':'assistant','content':[{'type':'text','text':'a'}]},"
                        + "{'role':'assistant','content':[{'type':'redacted_thinking','data':'d'}]}]}"));
        assertThat(dropped).containsExactly("thinking blocks");
    }

    private static ObjectNode rewritten(String request, Consumer<ObjectNode> form) {
        ObjectNode tree = (ObjectNode) json(request);
        form.accept(tree);
        return tree;
    }
}
