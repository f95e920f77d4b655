// The program of OpenAI's SDK, told nothing but a base URL and never allowed to retry.
package main

import (
	"context"
	"encoding/json"
	"errors"

	"clients/operations"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/shared"
)

var (
	client     openai.Client
	background = context.Background()
)

func main() {
	client = openai.NewClient(
		option.WithBaseURL(operations.Gateway()+"/v1"), option.WithAPIKey("any"), option.WithMaxRetries(0))
	operations.Serve(map[string]operations.Operation{
		"answer": answer, "stream": stream, "tools": tools, "schema": schema, "json": jsonMode,
		"models": models, "embeddings": embeddings,
	})
}

func question(model, prompt string) openai.ChatCompletionNewParams {
	return openai.ChatCompletionNewParams{
		Model:    model,
		Messages: []openai.ChatCompletionMessageParamUnion{openai.UserMessage(prompt)},
	}
}

func whole(completion *openai.ChatCompletion, seen operations.Seen) error {
	if len(completion.Choices) == 0 {
		return errors.New("no choices")
	}
	seen["text"] = completion.Choices[0].Message.Content
	seen["finish"] = completion.Choices[0].FinishReason
	seen["input"] = completion.Usage.PromptTokens
	seen["output"] = completion.Usage.CompletionTokens
	return nil
}

func answer(asked operations.Asked, seen operations.Seen) error {
	completion, err := client.Chat.Completions.New(background, question(asked.Model, asked.Prompt))
	if err != nil {
		return err
	}
	return whole(completion, seen)
}

func stream(asked operations.Asked, seen operations.Seen) error {
	params := question(asked.Model, asked.Prompt)
	params.StreamOptions = openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)}
	chunks := client.Chat.Completions.NewStreaming(background, params)
	accumulated := openai.ChatCompletionAccumulator{}
	for chunks.Next() {
		if !accumulated.AddChunk(chunks.Current()) {
			return errors.New("a chunk does not belong to the chunks before it")
		}
	}
	if len(accumulated.Choices) > 0 {
		seen["text"] = accumulated.Choices[0].Message.Content
	}
	if err := chunks.Err(); err != nil {
		return err
	}
	return whole(&accumulated.ChatCompletion, seen)
}

func tools(asked operations.Asked, seen operations.Seen) error {
	params := question(asked.Model, asked.Prompt)
	params.Tools = []openai.ChatCompletionToolUnionParam{openai.ChatCompletionFunctionTool(shared.FunctionDefinitionParam{
		Name: "weather", Description: openai.String("The weather of a city"), Parameters: operations.City,
	})}
	called, err := client.Chat.Completions.New(background, params)
	if err != nil {
		return err
	}
	if err := whole(called, seen); err != nil {
		return err
	}
	message := called.Choices[0].Message
	if len(message.ToolCalls) == 0 {
		return errors.New("no tool call")
	}
	call := message.ToolCalls[0]
	seen["tool"] = call.Function.Name
	seen["arguments"] = json.RawMessage(call.Function.Arguments)
	params.Messages = append(params.Messages, message.ToParam(), openai.ToolMessage(asked.Result, call.ID))
	answered, err := client.Chat.Completions.New(background, params)
	if err != nil {
		return err
	}
	return whole(answered, seen)
}

func structured(params openai.ChatCompletionNewParams, seen operations.Seen) error {
	completion, err := client.Chat.Completions.New(background, params)
	if err != nil {
		return err
	}
	if err := whole(completion, seen); err != nil {
		return err
	}
	object := map[string]any{}
	seen["object"] = &object
	return json.Unmarshal([]byte(completion.Choices[0].Message.Content), &object)
}

func schema(asked operations.Asked, seen operations.Seen) error {
	params := question(asked.Model, asked.Prompt)
	params.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{
		OfJSONSchema: &shared.ResponseFormatJSONSchemaParam{
			JSONSchema: shared.ResponseFormatJSONSchemaJSONSchemaParam{
				Name: "city", Schema: operations.City, Strict: openai.Bool(true),
			},
		},
	}
	return structured(params, seen)
}

func jsonMode(asked operations.Asked, seen operations.Seen) error {
	params := question(asked.Model, "Answer with a JSON object.")
	params.ResponseFormat = openai.ChatCompletionNewParamsResponseFormatUnion{
		OfJSONObject: &shared.ResponseFormatJSONObjectParam{},
	}
	return structured(params, seen)
}

func models(_ operations.Asked, seen operations.Seen) error {
	page, err := client.Models.List(background)
	if err != nil {
		return err
	}
	ids := []string{}
	for _, model := range page.Data {
		ids = append(ids, model.ID)
	}
	seen["ids"] = ids
	return nil
}

func embeddings(asked operations.Asked, seen operations.Seen) error {
	made, err := client.Embeddings.New(background, openai.EmbeddingNewParams{
		Model: asked.Model,
		Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: []string{"one camel", "two camels"}},
	})
	if err != nil {
		return err
	}
	sizes := []int{}
	for _, each := range made.Data {
		sizes = append(sizes, len(each.Embedding))
	}
	seen["sizes"] = sizes
	return nil
}
