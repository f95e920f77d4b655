package io.bactrian.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.bactrian.testing.Fixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Valid requests, and answers of real providers, from which odd ones are made. Immutable.
 *
 * @param chats requests in Chat Completions
 * @param messages requests in Messages
 * @param streams answers as streams of events, errors among them
 * @param documents answers as documents, errors among them
 */
record Corpus(List<byte[]> chats, List<byte[]> messages, List<byte[]> streams, List<byte[]> documents) {
    private static final Path RESOURCES = Path.of("src/test/resources");

    private static final String SCHEMA = "{'type':'object','properties':{'a':{'type':'string','pattern':'^a+$'},"
            + "'b':{'$ref':'#/$defs/b'}},'required':['a'],'additionalProperties':false,'$defs':{'b':{'anyOf':["
            + "{'type':'integer'},{'type':'null'}]}}}";

    /** Forms that the recorded requests do not have. */
    private static final List<String> CHATS = List.of(
            "{'model':'m','messages':[{'role':'user','content':'Hi'}],'response_format':{'type':'json_schema','json_schema':"
                    + "{'name':'s','strict':true,'schema':" + SCHEMA + "}}}",
            "{'model':'m','stream':true,'stream_options':{'include_usage':true},'n':2,'stop':['a','b'],'messages':[{'role':"
                    + "'system','content':'S'},{'role':'user','content':[{'type':'text','text':'Hi'},{'type':'image_url',"
                    + "'image_url':{'url':'data:image/png;base64,AAAA','detail':'low'}}]}],'fallbacks':['p/m']}",
            "{'model':'m','messages':[{'role':'user','content':'Hi'}],'response_format':{'type':'json_object'},"
                    + "'reasoning_effort':'low','logprobs':true,'seed':1,'user':'u','metadata':{'a':'b'}}",
            "{'model':'m','messages':[{'role':'user','content':'Hi'},{'role':'assistant','content':null,'tool_calls':[{'id':"
                    + "'c1','type':'custom','custom':{'name':'f','input':'x'}}]},{'role':'tool','tool_call_id':'c1','content':"
                    + "'y'}],'tools':[{'type':'custom','custom':{'name':'f'}},{'type':'function','function':{'name':'g',"
                    + "'parameters':{'type':'object','properties':{}}}}],'tool_choice':{'type':'function','function':{'name':"
                    + "'g'}},'parallel_tool_calls':false}");

    private static final List<String> MESSAGES = List.of(
            "{'model':'m','max_tokens':9,'messages':[{'role':'user','content':'Hi'}],'output_config':{'format':{'type':"
                    + "'json_schema','schema':" + SCHEMA + "},'effort':'low'}}",
            "{'model':'m','max_tokens':9,'stream':true,'thinking':{'type':'enabled','budget_tokens':1024},'system':[{'type':"
                    + "'text','text':'S','cache_control':{'type':'ephemeral'}}],'messages':[{'role':'user','content':[{'type':"
                    + "'text','text':'Hi'}]},{'role':'assistant','content':[{'type':'thinking','thinking':'t','signature':'s'},"
                    + "{'type':'tool_use','id':'t1','name':'f','input':{'a':1}}]},{'role':'user','content':[{'type':"
                    + "'tool_result','tool_use_id':'t1','content':[{'type':'text','text':'r'}],'is_error':false}]}],'tools':["
                    + "{'name':'f','input_schema':{'type':'object','properties':{'a':{'type':'integer'}}}}],'tool_choice':"
                    + "{'type':'tool','name':'f'},'stop_sequences':['x'],'metadata':{'user_id':'u'}}");

    /** All that there is below the resources of the tests. */
    static Corpus read() {
        List<byte[]> chats = new ArrayList<>(texts(CHATS));
        List<byte[]> messages = new ArrayList<>(texts(MESSAGES));
        List<byte[]> streams = new ArrayList<>();
        List<byte[]> documents = new ArrayList<>();
        chats.addAll(files("fixtures/translate", name -> name.startsWith("req_o2a")));
        messages.addAll(files("fixtures/translate", name -> name.startsWith("req_a2o")));
        chats.addAll(files("field", "request-openai.json"::equals));
        messages.addAll(files("field", "request-anthropic.json"::equals));
        Fixture.all().forEach(fixture -> (fixture.sse() ? streams : documents).add(fixture.body()));
        for (byte[] response : files("field", name -> name.endsWith(".http"))) {
            byte[] body = body(response);
            String text = new String(body, UTF_8);
            (text.contains("data:") ? streams : documents).add(body);
        }
        return new Corpus(chats, messages, streams, documents);
    }

    private static List<byte[]> texts(List<String> texts) {
        return texts.stream()
                .map(text -> text.replace('\'', '"').getBytes(UTF_8))
                .toList();
    }

    private static byte[] body(byte[] response) {
        String text = new String(response, ISO_8859_1);
        int end = text.indexOf("\r\n\r\n");
        int lines = text.indexOf("\n\n");
        int begin = end >= 0 && (lines < 0 || end < lines) ? end + 4 : Math.max(0, lines + 2);
        return text.substring(begin).getBytes(ISO_8859_1);
    }

    private static List<byte[]> files(String folder, Predicate<String> named) {
        try (Stream<Path> all = Files.walk(RESOURCES.resolve(folder))) {
            List<byte[]> read = new ArrayList<>();
            for (Path file : all.filter(Files::isRegularFile).sorted().toList()) {
                if (named.test(file.getFileName().toString())) {
                    read.add(Files.readAllBytes(file));
                }
            }
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
