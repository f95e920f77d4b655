-- The request of the load and latency parts, and one line of JSON with what wrk counted (times in microseconds).
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [[{"model":"default","temperature":0.2,"max_tokens":256,"messages":[{"role":"system","content":"You are the assistant of a parcel service. Answer in one or two short sentences."},{"role":"user","content":"Parcel 4711-0815 was due on Tuesday and the tracking page has not changed since Monday noon. Where is it, and can it still be sent on to my office instead of my home address?"}]}]]

function done(summary, latency, requests)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.timeout + errors.status
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.3f,"per_second":%.1f,"p50_us":%.0f,"p90_us":%.0f,"p99_us":%.0f,"max_us":%.0f,"failed":%d,"not_2xx":%d}\n',
    summary.requests, summary.duration / 1e6, summary.requests / (summary.duration / 1e6),
    latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
    failed, errors.status))
end
