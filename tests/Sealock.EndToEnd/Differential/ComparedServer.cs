// SPDX-License-Identifier: Apache-2.0
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Differential;

/// <summary>One of the two servers, called as its administrator.</summary>
internal sealed class ComparedServer(Uri address, string token) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        // Both servers are on loopback and were started by this test.
        SslOptions = { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null },
        AutomaticDecompression = System.Net.DecompressionMethods.All,
    })
    { BaseAddress = address, Timeout = TimeSpan.FromSeconds(90) };

    private readonly Dictionary<string, string> _saved = [];

    public void Dispose() => _http.Dispose();

    /// <summary>Gives a placeholder a value.</summary>
    public void Save(string name, string value) => _saved[name] = value;

    /// <summary>Sends one exchange and normalises the answer.</summary>
    public async Task<Answer> SendAsync(Exchange exchange)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (code, body) = await SendOnceAsync(exchange);
            if (exchange.Header("Until") is { } until && Find(body, until) is null && attempt < 200)
            {
                await Task.Delay(50);
                continue;
            }

            if (exchange.Header("Save") is { } save)
            {
                foreach (var pair in save.Split(',', StringSplitOptions.TrimEntries).Select(part => part.Split('=', 2)))
                    _saved[pair[0]] = Find(body, pair[1])?.ToString() ?? "";
            }

            return new Answer(code, Show(body));
        }
    }

    /// <summary>Something of this server's without what differs between any two servers.</summary>
    public JsonNode? Show(JsonNode? body) => Unfill(Answer.Normalise(body));

    private static JsonNode? Find(JsonNode? node, string pointer)
    {
        foreach (var step in pointer.Split('/', StringSplitOptions.RemoveEmptyEntries))
            node = node is JsonArray list ? list.ElementAtOrDefault(int.Parse(step)) : (node as JsonObject)?[step];
        return node;
    }

    private async Task<(int, JsonNode?)> SendOnceAsync(Exchange exchange)
    {
        var watch = exchange.Method == "WATCH";
        using var request = new HttpRequestMessage(watch ? HttpMethod.Get : new HttpMethod(exchange.Method), Fill(exchange.Path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.UserAgent.ParseAdd("differential/1.0");
        if (exchange.Body.Length > 0)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(Fill(exchange.Body)));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", exchange.Header("Content-Type") ?? "application/json");
        }

        foreach (var (name, value) in exchange.Headers)
        {
            if (name is "Authorization")
                request.Headers.Authorization = null;
            if (value.Length > 0 && name is not ("Content-Type" or "Save" or "Events" or "Until"))
                request.Headers.TryAddWithoutValidation(name, Fill(value));
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        if (watch && response.IsSuccessStatusCode)
        {
            var events = new JsonArray();
            var wanted = int.Parse(exchange.Header("Events") ?? "1");
            while (events.Count < wanted && await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(20)) is { } line)
                events.Add(JsonNode.Parse(line));
            return ((int)response.StatusCode, events);
        }

        return ((int)response.StatusCode, Parse(await reader.ReadToEndAsync()));
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return JsonValue.Create(text);
        }
    }

    /// <summary>A name or token that a server made up is shown as the placeholder under which it was saved.</summary>
    private JsonNode? Unfill(JsonNode? body)
    {
        foreach (var placeholder in new[] { "generated", "next" })
        {
            if (_saved.TryGetValue(placeholder, out var made) && made.Length > 0)
                body = JsonNode.Parse((body?.ToJsonString() ?? "null").Replace(made, $"{{{placeholder}}}", StringComparison.Ordinal));
        }

        return body;
    }

    private string Fill(string text)
    {
        foreach (var (name, value) in _saved)
            text = text.Replace($"{{{name}}}", value, StringComparison.Ordinal);
        return text;
    }
}
