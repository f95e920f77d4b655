// The program of Anthropic's SDK, told nothing but a base URL and never allowed to retry.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"clients/operations"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
)

const limit = 1000

var (
	client     anthropic.Client
	background = context.Background()
)

func main() {
	client = anthropic.NewClient(
		option.WithBaseURL(operations.Gateway()), option.WithAPIKey("any"), option.WithMaxRetries(0))
	operations.Serve(map[string]operations.Operation{
		"answer": answer, "stream": stream, "tools": tools, "schema": schema, "models": models, "count": count,
	})
}

func question(asked operations.Asked) anthropic.MessageNewParams {
	return anthropic.MessageNewParams{
		Model:     anthropic.Model(asked.Model),
		MaxTokens: limit,
		Messages:  []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(asked.Prompt))},
	}
}

func text(message *anthropic.Message) string {
	text := ""
	for _, block := range message.Content {
		if block.Type == "text" {
			text += block.Text
		}
	}
	return text
}

func whole(message *anthropic.Message, seen operations.Seen) {
	seen["text"] = text(message)
	seen["finish"] = message.StopReason
	seen["input"] = message.Usage.InputTokens
	seen["output"] = message.Usage.OutputTokens
}

func answer(asked operations.Asked, seen operations.Seen) error {
	message, err := client.Messages.New(background, question(asked))
	if err != nil {
		return err
	}
	whole(message, seen)
	return nil
}

func stream(asked operations.Asked, seen operations.Seen) error {
	events := client.Messages.NewStreaming(background, question(asked))
	message := anthropic.Message{}
	for events.Next() {
		if err := message.Accumulate(events.Current()); err != nil {
			return err
		}
		seen["text"] = text(&message)
	}
	if err := events.Err(); err != nil {
		return err
	}
	whole(&message, seen)
	return nil
}

func tools(asked operations.Asked, seen operations.Seen) error {
	params := question(asked)
	params.Tools = []anthropic.ToolUnionParam{{OfTool: &anthropic.ToolParam{
		Name:        "weather",
		Description: anthropic.String("The weather of a city"),
		InputSchema: anthropic.ToolInputSchemaParam{Properties: operations.Properties, Required: operations.Required},
	}}}
	called, err := client.Messages.New(background, params)
	if err != nil {
		return err
	}
	results := []anthropic.ContentBlockParamUnion{}
	for _, block := range called.Content {
		if block.Type == "tool_use" {
			seen["tool"] = block.Name
			seen["arguments"] = block.Input
			results = append(results, anthropic.NewToolResultBlock(block.ID, asked.Result, false))
		}
	}
	if len(results) == 0 {
		return errors.New("no tool call")
	}
	params.Messages = append(params.Messages, called.ToParam(), anthropic.NewUserMessage(results...))
	answered, err := client.Messages.New(background, params)
	if err != nil {
		return err
	}
	whole(answered, seen)
	return nil
}

func schema(asked operations.Asked, seen operations.Seen) error {
	params := question(asked)
	params.OutputConfig = anthropic.OutputConfigParam{Format: anthropic.JSONOutputFormatParam{Schema: operations.City}}
	message, err := client.Messages.New(background, params)
	if err != nil {
		return err
	}
	object := map[string]any{}
	seen["object"] = &object
	return json.Unmarshal([]byte(text(message)), &object)
}

func models(_ operations.Asked, seen operations.Seen) error {
	pages := client.Models.ListAutoPaging(background, anthropic.ModelListParams{Limit: anthropic.Int(2)})
	ids := []string{}
	for pages.Next() {
		model := pages.Current()
		if model.DisplayName == "" || model.CreatedAt.IsZero() {
			return fmt.Errorf("no display_name or created_at: %s", model.ID)
		}
		ids = append(ids, model.ID)
	}
	seen["ids"] = ids
	return pages.Err()
}

func count(asked operations.Asked, seen operations.Seen) error {
	params := question(asked)
	counted, err := client.Messages.CountTokens(
		background, anthropic.MessageCountTokensParams{Model: params.Model, Messages: params.Messages})
	if err != nil {
		return err
	}
	seen["tokens"] = counted.InputTokens
	return nil
}
