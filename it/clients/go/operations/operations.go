// Package operations is the frame of a client's program: one operation for each line of the standard input, one JSON
// object for each answer.
package operations

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// Asked is what an operation is asked for.
type Asked struct {
	Do     string `json:"do"`
	Model  string `json:"model"`
	Prompt string `json:"prompt"`
	Result string `json:"result"`
}

// Seen is what a client saw, as far as it came.
type Seen map[string]any

// Operation is one thing that a client can be asked to do.
type Operation func(asked Asked, seen Seen) error

// City is the schema of a tool and of a structured answer.
var City = map[string]any{
	"type":                 "object",
	"properties":           Properties,
	"required":             Required,
	"additionalProperties": false,
}

// Properties are those of City.
var Properties = map[string]any{
	"city": map[string]any{"type": "string"},
	"days": map[string]any{"type": "integer"},
}

// Required are the properties that City must have.
var Required = []string{"city", "days"}

// Gateway is the gateway's URL.
func Gateway() string {
	return os.Args[1]
}

// Serve does the operation that each line names until the input ends.
func Serve(operations map[string]Operation) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		asked, seen := Asked{}, Seen{}
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			panic(err)
		}
		if operation, found := operations[asked.Do]; !found {
			seen["offered"] = false
		} else if err := operation(asked, seen); err != nil {
			seen["error"] = fmt.Sprintf("%T: %.400s", err, err.Error())
		}
		line, err := json.Marshal(seen)
		if err != nil {
			panic(err)
		}
		fmt.Println(string(line))
	}
}
