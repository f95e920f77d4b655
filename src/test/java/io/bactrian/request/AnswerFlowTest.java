package io.bactrian.request;

import static io.bactrian.testing.Chunks.delta;
import static io.bactrian.testing.Chunks.finish;
import static io.bactrian.testing.Chunks.json;
import static io.bactrian.testing.Chunks.usage;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.bactrian.config.Chain;
import io.bactrian.config.Limits.ContentPolicy;
import io.bactrian.config.Limits.StreamCommit;
import io.bactrian.policy.CallFailed;
import io.bactrian.policy.Candidate;
import io.bactrian.policy.FailureClass;
import io.bactrian.policy.Plan;
import io.bactrian.protocol.AnswerChunk;
import io.bactrian.protocol.AnswerDocument;
import io.bactrian.protocol.ChatRequest;
import io.bactrian.protocol.FinishFailures;
import io.bactrian.protocol.Usage;
import io.bactrian.protocol.openai.ChatChunk;
import io.bactrian.protocol.openai.ChatCompletions;
import io.bactrian.protocol.openai.Completions;
import io.bactrian.testing.Chunks;
import io.bactrian.testing.TestChains;
import io.bactrian.testing.TestLimits;
import io.bactrian.testing.TestRequests;
import io.bactrian.testing.VirtualClock;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerFlowTest {
    private static final ObjectNode ROLE = delta("{'role':'assistant','content':'','refusal':null}");
    private static final ObjectNode HI = delta("{'content':'hi'}");
    private static final ObjectNode CALL =
            delta("{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':''}}]}");
    private static final ObjectNode STOP = finish("stop");

    private final VirtualClock clock = new VirtualClock();
    private CapturedReply reply = new CapturedReply(true);
    private long room;
    private RequestContext context;

    @Test
    void nothing_is_released_before_the_first_content() {
        AnswerFlow flow = flow();

        take(flow, ROLE);
        assertThat(reply.chunks).isEmpty();
        assertThat(flow.hasContent()).isFalse();
        assertThat(context.answeredBy()).isNull();

        take(flow, HI);
        assertThat(reply.chunks).containsExactly(ROLE, HI);
        assertThat(flow.hasContent()).isTrue();
        assertThat(context.answeredBy()).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'content':'x'}",
                "{'refusal':'no'}",
                "{'reasoning_content':'hm'}",
                "{'reasoning':'hm'}",
                "{'content':[{'type':'thinking'}]}",
                "{'audio':{'data':'x'}}",
                "{'function_call':{'name':'f'}}"
            })
    void words_of_every_kind_are_content(String delta) {
        AnswerFlow flow = flow();

        take(flow, ROLE, delta(delta));

        assertThat(reply.chunks).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{'content':''}", "{'content':null}", "{'role':'assistant'}", "{'tool_calls':[]}"})
    void delta_without_words_is_no_content(String delta) {
        AnswerFlow flow = flow();

        take(flow, delta(delta));

        assertThat(reply.chunks).isEmpty();
        assertThat(flow.hasContent()).isFalse();
    }

    @Test
    void tool_call_is_held_until_it_is_whole() {
        AnswerFlow flow = flow();

        take(flow, ROLE, CALL, delta("{'tool_calls':[{'index':0,'function':{'arguments':'{}'}}]}"));
        assertThat(flow.hasContent()).isTrue();
        assertThat(reply.chunks).isEmpty();

        take(flow, finish("tool_calls"));
        flow.end();
        assertThat(reply.chunks).hasSize(4);
    }

    @Test
    void half_tool_call_is_not_released_by_its_reason() {
        AnswerFlow flow = flow();

        take(flow, ROLE, delta("{'tool_calls':[{'index':0,'id':'a','function':{'name':'f','arguments':'{'}}]}"));
        flow.callsAreHalf(true);
        take(flow, finish("tool_calls"));

        assertThat(reply.chunks).isEmpty();
        assertThat(flow.ended()).isTrue();
    }

    @Test
    void reason_alone_takes_the_place_of_one_that_came_with_content() {
        AnswerFlow flow = flow();
        ObjectNode word = HI.deepCopy();
        ((ObjectNode) word.at("/choices/0")).put("finish_reason", "stop");

        take(flow, word);
        assertThat(flow.ended()).isTrue();
        assertThat(flow.endedWithContent()).isTrue();

        take(flow, STOP);
        assertThat(flow.endedWithContent()).isFalse();
    }

    @Test
    void tool_call_after_words_is_held_too() {
        AnswerFlow flow = flow();

        take(flow, ROLE, HI, CALL, delta("{'content':'more'}"));
        assertThat(reply.chunks).containsExactly(ROLE, HI);

        take(flow, finish("tool_calls"));
        flow.end();
        assertThat(reply.chunks).hasSize(5);
    }

    @Test
    void tool_call_flows_at_once_when_no_other_candidate_could_answer() {
        AnswerFlow flow = flow(new TestLimits(), "{}", false);

        take(flow, ROLE, CALL);

        assertThat(reply.chunks).containsExactly(ROLE, CALL);
    }

    @Test
    void tool_call_flows_at_once_where_the_chain_says_so() {
        AnswerFlow flow = flow(new TestLimits().streamCommitTools(StreamCommit.FIRST_TOKEN), "{}", true);

        take(flow, ROLE, CALL);

        assertThat(reply.chunks).containsExactly(ROLE, CALL);
    }

    @Test
    void whole_answer_is_held_where_the_chain_says_so() {
        AnswerFlow flow = flow(new TestLimits().streamCommit(StreamCommit.COMPLETE), "{}", true);

        take(flow, ROLE, HI);
        assertThat(reply.chunks).isEmpty();

        take(flow, STOP);
        assertThat(reply.chunks).containsExactly(ROLE, HI);

        flow.end();
        assertThat(reply.chunks).containsExactly(ROLE, HI, STOP);
    }

    @ParameterizedTest
    @ValueSource(strings = {"error", "content_filter"})
    void whole_answer_is_held_until_its_end_is_judged(String reason) {
        AnswerFlow flow = flow(new TestLimits().streamCommit(StreamCommit.COMPLETE), "{}", true);

        take(flow, ROLE, HI, finish(reason));

        assertThat(reply.chunks).isEmpty();
    }

    @Test
    void usage_event_is_hidden_from_a_caller_who_did_not_ask() {
        AnswerFlow flow = flow();

        take(flow, ROLE, HI, STOP, usage());
        flow.end();

        assertThat(reply.chunks).containsExactly(ROLE, HI, STOP);
        assertThat(flow.usage(null)).isEqualTo(new Usage(9, 4));
    }

    @Test
    void usage_event_reaches_a_caller_that_asked_for_it_once_and_last() {
        AnswerFlow flow = flow(new TestLimits(), "{'stream_options':{'include_usage':true}}", true);

        take(flow, ROLE, usage(), HI, STOP);
        flow.end();

        assertThat(reply.chunks).containsExactly(ROLE, HI, STOP, usage());
    }

    @Test
    void usage_reaches_a_caller_of_a_document() {
        reply = new CapturedReply(false);
        AnswerFlow flow = flow();

        take(flow, ROLE, HI, STOP, usage());
        flow.end();

        assertThat(reply.chunks).endsWith(usage());
    }

    @Test
    void usage_that_groq_writes_elsewhere_is_counted() {
        AnswerFlow flow = flow();
        Chunks.of("groq/stream_text.sse").forEach(chunk -> take(flow, chunk));
        flow.end();

        assertThat(flow.usage(null)).isEqualTo(new Usage(9, 2));
    }

    @Test
    void end_in_the_middle_is_a_broken_stream() {
        AnswerFlow flow = flow();
        Chunks.of("openai/stream_truncated.sse").forEach(chunk -> take(flow, chunk));

        fails(FailureClass.STREAM_BROKEN, flow::end);
    }

    @Test
    void end_before_any_content_is_no_answer() {
        AnswerFlow flow = flow();
        fails(FailureClass.INVALID_RESPONSE, flow::end);

        take(flow, ROLE);
        fails(FailureClass.INVALID_RESPONSE, flow::end);
    }

    @Test
    void end_in_a_held_tool_call_goes_unseen() {
        AnswerFlow flow = flow();
        take(flow, ROLE, CALL);

        fails(FailureClass.STREAM_BROKEN, flow::end);
        assertThat(reply.chunks).isEmpty();
    }

    @Test
    void end_without_done_after_a_finish_is_fine() {
        AnswerFlow flow = flow();
        Chunks.of("openai/stream_no_done.sse").forEach(chunk -> take(flow, chunk));
        flow.end();

        assertThat(flow.finish()).isEqualTo("stop");
    }

    @Test
    void empty_finish_reason_is_none() {
        AnswerFlow flow = flow();

        take(flow, json("{'choices':[{'index':0,'delta':{'role':'assistant'},'finish_reason':''}]}"));

        assertThat(flow.finish()).isNull();
        assertThat(reply.chunks).isEmpty();
    }

    @Test
    void content_after_a_finish_reason_belongs_to_the_answer_and_the_last_reason_counts() {
        AnswerFlow flow = flow();

        take(flow, ROLE, HI, STOP);
        assertThat(reply.chunks).containsExactly(ROLE, HI);
        assertThat(flow.ended()).isTrue();

        take(flow, HI);
        assertThat(reply.chunks).containsExactly(ROLE, HI, HI);
        assertThat(flow.ended()).isFalse();

        take(flow, finish("length"));
        flow.end();
        assertThat(reply.chunks).containsExactly(ROLE, HI, HI, finish("length"));
        assertThat(flow.finish()).isEqualTo("length");
    }

    @Test
    void reason_in_every_chunk_goes_out_once_and_last() {
        AnswerFlow flow = flow();

        for (String delta : List.of("{'role':'assistant','content':''}", "{'content':'a'}", "{'content':'b'}")) {
            take(
                    flow,
                    json("{'id':'c1','model':'m','choices':[{'index':0,'delta':" + delta
                            + ",'finish_reason':'stop'}]}"));
            assertThat(flow.endedWithContent() || !flow.ended()).isTrue();
        }
        assertThat(reply.chunks)
                .containsExactly(
                        delta("{'role':'assistant','content':''}"), delta("{'content':'a'}"), delta("{'content':'b'}"));

        flow.end();
        assertThat(reply.chunks).hasSize(4).endsWith(finish("stop"));
    }

    @Test
    void arguments_after_a_finish_reason_reach_their_call() {
        AnswerFlow flow = flow();
        ObjectNode arguments = delta("{'tool_calls':[{'index':0,'function':{'arguments':'{}'}}]}");

        take(flow, ROLE, CALL, finish("tool_calls"));
        assertThat(reply.chunks).containsExactly(ROLE, CALL);
        take(flow, arguments);

        flow.end();
        assertThat(reply.chunks).containsExactly(ROLE, CALL, arguments, finish("tool_calls"));
    }

    @Test
    void last_reason_decides_whether_the_answer_failed() {
        AnswerFlow good = flow();
        take(good, ROLE, HI, finish("error"), finish("stop"));
        good.end();
        assertThat(reply.chunks).containsExactly(ROLE, HI, STOP);

        AnswerFlow bad = flow();
        take(bad, ROLE, HI, STOP, finish("network_error"));
        fails(FailureClass.INVALID_RESPONSE, bad::end);
    }

    @Test
    void announced_calls_that_never_came_are_no_answer() {
        AnswerFlow flow = flow();

        take(flow, ROLE, finish("tool_calls"));

        fails(FailureClass.INVALID_RESPONSE, flow::end);
        assertThat(reply.chunks).isEmpty();
    }

    @Test
    void unknown_reason_is_an_end_of_something_said_only() {
        AnswerFlow silent = flow();
        take(silent, ROLE, finish("walked_away"));
        fails(FailureClass.INVALID_RESPONSE, silent::end);

        AnswerFlow spoken = flow();
        take(spoken, ROLE, HI, finish("walked_away"));
        spoken.end();
        assertThat(reply.chunks).endsWith(finish("walked_away"));
    }

    @Test
    void full_context_window_without_a_word_is_a_prompt_too_long() {
        AnswerFlow flow = flow();
        take(flow, ROLE, finish("model_context_window_exceeded"));

        fails(FailureClass.CONTEXT_LENGTH, flow::end);
    }

    @Test
    void nothing_said_is_no_end_that_is_believed_before_the_stream_ends() {
        AnswerFlow flow = flow();
        take(flow, ROLE, STOP);

        assertThat(flow.finish()).isEqualTo("stop");
        assertThat(flow.ended()).isFalse();

        flow.end();
        assertThat(reply.chunks).containsExactly(ROLE, STOP);
    }

    @Test
    void each_choice_has_its_own_last_reason() {
        AnswerFlow flow = flow(new TestLimits(), "{'n':2}", true);

        take(
                flow,
                json("{'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':'stop'},"
                        + "{'index':1,'delta':{'content':'x'},'finish_reason':null}]}"));
        assertThat(flow.finish()).isNull();
        take(
                flow,
                json("{'choices':[{'index':1,'delta':{'content':'y'},'finish_reason':'stop'}]}"),
                json("{'choices':[{'index':0,'delta':{'content':'b'},'finish_reason':'length'}]}"));
        flow.end();

        assertThat(reply.chunks.stream()
                        .flatMap(chunk -> chunk.findValuesAsText("finish_reason").stream())
                        .filter(reason -> !reason.equals("null")))
                .containsExactly("stop", "length");
        assertThat(reply.chunks.stream().flatMap(chunk -> chunk.findValuesAsText("content").stream()))
                .containsExactly("a", "x", "y", "b");
    }

    @Test
    void empty_usage_does_not_take_the_place_of_figures() {
        AnswerFlow flow = flow(new TestLimits(), "{'stream_options':{'include_usage':true}}", true);

        take(
                flow,
                ROLE,
                HI,
                json("{'choices':[{'index':0,'delta':{},'finish_reason':'stop'}],"
                        + "'usage':{'prompt_tokens':10,'completion_tokens':3}}"),
                json("{'choices':[],'usage':{}}"),
                json("{'choices':[],'usage':{'prompt_tokens':0,'completion_tokens':0}}"));
        flow.end();

        assertThat(flow.usage(null)).isEqualTo(new Usage(10, 3));
        assertThat(usages()).containsExactly(json("{'prompt_tokens':10,'completion_tokens':3}"));
    }

    @Test
    void usage_inside_of_a_choice_is_told_where_the_protocol_has_it() {
        AnswerFlow flow = flow(new TestLimits(), "{'stream_options':{'include_usage':true}}", true);

        take(
                flow,
                ROLE,
                HI,
                json("{'id':'c1','choices':[{'index':0,'delta':{},'finish_reason':'stop',"
                        + "'usage':{'prompt_tokens':19,'completion_tokens':21}}]}"));
        flow.end();

        assertThat(reply.chunks.getLast())
                .isEqualTo(json("{'id':'c1','choices':[],'usage':{'prompt_tokens':19,'completion_tokens':21}}"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void usage_in_each_chunk_is_told_once_or_not_at_all(boolean asked) {
        AnswerFlow flow = flow(new TestLimits(), "{'stream_options':{'include_usage':" + asked + "}}", true);

        for (int i = 1; i < 4; i++) {
            take(
                    flow,
                    json("{'choices':[{'index':0,'delta':{'content':'a'},'finish_reason':null}],"
                            + "'usage':{'prompt_tokens':9,'completion_tokens':" + i + "}}"));
        }
        take(flow, STOP, json("{'choices':[],'usage':{'prompt_tokens':9,'completion_tokens':4}}"));
        flow.end();

        assertThat(flow.usage(null)).isEqualTo(new Usage(9, 4));
        assertThat(usages()).hasSize(asked ? 1 : 0);
    }

    private List<JsonNode> usages() {
        return reply.chunks.stream()
                .map(chunk -> chunk.path("usage"))
                .filter(JsonNode::isObject)
                .toList();
    }

    @Test
    void bad_end_before_any_content_was_released_fails_unseen() {
        AnswerFlow flow = flow();
        take(flow, ROLE, finish("error"));

        fails(FailureClass.INVALID_RESPONSE, flow::end);
        assertThat(reply.chunks).isEmpty();
    }

    @Test
    void refusal_is_an_answer_by_default() {
        AnswerFlow flow = flow();

        take(flow, ROLE, finish("content_filter"));
        flow.end();

        assertThat(flow.refused()).isTrue();
        assertThat(reply.chunks).hasSize(2);
    }

    @Test
    void refusal_is_a_failure_where_the_next_may_answer() {
        AnswerFlow flow = flow(new TestLimits().contentPolicy(ContentPolicy.NEXT), "{}", true);
        take(flow, ROLE, finish("content_filter"));

        fails(FailureClass.CONTENT_POLICY, flow::end);
        assertThat(reply.chunks).isEmpty();
    }

    @Test
    void refusal_after_content_was_sent_is_the_end_of_the_answer() {
        AnswerFlow flow = flow(new TestLimits().contentPolicy(ContentPolicy.NEXT), "{}", true);
        take(flow, ROLE, HI);
        reply.committed = true;

        take(flow, finish("content_filter"));
        flow.end();

        assertThat(flow.refused()).isTrue();
        assertThat(reply.chunks).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "One /stop|two /stop|three/stop",
                "One /stop|two /null|three/null",
                "One /null|two /null|three/stop|/stop",
                "One /null|two three/length|/length",
                "One /length|two /null|three/null|/stop",
                "One /stop|/stop|two three/null"
            })
    void every_text_of_a_completion_goes_out_at_once_and_the_reason_last(String chunks) {
        AnswerFlow flow = completion("'a'");
        String last = "";
        for (String chunk : chunks.split("\\|")) {
            String text = chunk.substring(0, chunk.indexOf('/'));
            String reason = chunk.substring(chunk.indexOf('/') + 1);
            flow.chunk(text(0, text, reason));
            last = reason.equals("null") ? last : reason;
            assertThat(reply.chunks.getLast().at("/choices/0/text").asText()).isNotEmpty();
        }
        flow.end();

        assertThat(reply.chunks.stream()
                        .map(chunk -> chunk.at("/choices/0/text").asText())
                        .collect(Collectors.joining()))
                .isEqualTo("One two three");
        assertThat(reply.chunks.stream()
                        .map(chunk -> chunk.at("/choices/0/finish_reason").asText())
                        .filter(reason -> !reason.equals("null")))
                .containsExactly(last);
    }

    @ParameterizedTest
    @ValueSource(strings = {"['x','y']", "[[1],[2,3]]", "['x','y','z']"})
    void fewer_texts_than_prompts_are_not_whole_and_fail_unseen(String prompt) {
        AnswerFlow flow = completion(prompt);
        flow.chunk(text(0, "a", "null"));
        flow.chunk(text(0, "b", "stop"));

        fails(FailureClass.STREAM_BROKEN, flow::end);
        assertThat(reply.chunks).isEmpty();
    }

    @Test
    void texts_of_several_prompts_flow_once_each_has_begun() {
        AnswerFlow flow = completion("['x','y']");

        flow.chunk(text(0, "a", "null"));
        assertThat(reply.chunks).isEmpty();
        flow.chunk(text(1, "x", "stop"));
        assertThat(reply.chunks).hasSize(2);
        flow.chunk(text(0, "b", "null"));
        assertThat(reply.chunks).hasSize(3);
        flow.chunk(text(0, "", "stop"));
        flow.end();
        assertThat(reply.chunks).hasSize(5);
    }

    @Test
    void a_list_of_tokens_is_one_prompt() {
        AnswerFlow flow = completion("[1,2,3]");
        flow.chunk(text(0, "a", "stop"));
        flow.end();

        assertThat(reply.chunks).hasSize(2);
    }

    private AnswerFlow completion(String prompt) {
        ObjectNode body = json("{'prompt':" + prompt + ",'stream':true}");
        ChatRequest request = Completions.PROTOCOL.read(body.toString().getBytes(UTF_8));
        return flow(request, new TestLimits(), true);
    }

    private static AnswerChunk text(int index, String text, String reason) {
        ObjectNode chunk = json("{'choices':[{'text':'" + text + "','index':" + index + ",'finish_reason':"
                + (reason.equals("null") ? reason : "'" + reason + "'") + "}]}");
        return Objects.requireNonNull(
                Completions.PROTOCOL.chunk(chunk.toString().getBytes(UTF_8)));
    }

    @Test
    void whole_document_is_passed_on() {
        AnswerFlow flow = flow();
        ObjectNode document = Chunks.document("openai/chat_success.json");

        flow.document(AnswerDocument.of(ChatCompletions.PROTOCOL, document));
        flow.end();

        assertThat(reply.documents).containsExactly(document);
        assertThat(flow.finish()).isEqualTo("stop");
        assertThat(flow.usage(null)).isNotNull();
    }

    @Test
    void whole_document_with_a_bad_end_is_not_passed_on() {
        AnswerFlow flow = flow();
        ObjectNode document = Chunks.document("deepseek/chat_insufficient_resource.json");

        fails(FailureClass.OVERLOADED, () -> flow.document(AnswerDocument.of(ChatCompletions.PROTOCOL, document)));
        assertThat(reply.documents).isEmpty();
    }

    @Test
    void answer_without_end_is_not_held_for_ever() {
        AnswerFlow flow = flow(new TestLimits().streamCommit(StreamCommit.COMPLETE), "{}", true);
        AnswerChunk large = ChatChunk.of(Chunks.delta("{'content':'" + "x".repeat(33 << 20) + "'}"));

        flow.chunk(large);
        fails(FailureClass.INVALID_RESPONSE, () -> flow.chunk(large));
    }

    @Test
    void what_is_held_back_takes_memory_and_what_passes_takes_none() {
        AnswerFlow flow = flow();

        take(flow, ROLE, ROLE, ROLE);
        assertThat(room).isGreaterThan(3L * ROLE.toString().length());

        take(flow, HI);
        long before = room;
        take(flow, HI, HI, HI);
        assertThat(room).isEqualTo(before);
    }

    @Test
    void choices_without_number_take_memory() {
        AnswerFlow flow = flow();

        for (int i = 0; i < 100; i++) {
            ObjectNode end = finish("stop");
            ((ObjectNode) end.at("/choices/0")).put("index", i);
            take(flow, HI, end);
        }

        assertThat(room).isGreaterThan(100L * STOP.toString().length());
    }

    private AnswerFlow flow() {
        return flow(new TestLimits(), "{}", true);
    }

    private AnswerFlow flow(TestLimits limits, String fields, boolean anotherCouldAnswer) {
        ObjectNode body = json(fields);
        body.put("stream", reply.streams()).putArray("messages").addObject();
        return flow(ChatCompletions.PROTOCOL.read(body.toString().getBytes(UTF_8)), limits, anotherCouldAnswer);
    }

    private AnswerFlow flow(ChatRequest request, TestLimits limits, boolean anotherCouldAnswer) {
        Chain chain = TestChains.chain(limits.build(), "a", "b");
        Plan plan = TestChains.plan(chain, clock.millis() + 600_000);
        context = TestRequests.planned(request, chain, plan, reply, clock.millis(), false);
        Candidate candidate = plan.candidates().get(0);
        return new AnswerFlow(
                context, candidate, clock, FinishFailures::of, anotherCouldAnswer, null, null, bytes -> room += bytes);
    }

    private static void take(AnswerFlow flow, ObjectNode... chunks) {
        for (ObjectNode chunk : List.of(chunks)) {
            flow.chunk(ChatChunk.of(chunk));
        }
    }

    private static void fails(FailureClass type, ThrowingCallable call) {
        assertThatExceptionOfType(CallFailed.class)
                .isThrownBy(call)
                .satisfies(failed -> assertThat(failed.failure().type()).isEqualTo(type));
    }
}
