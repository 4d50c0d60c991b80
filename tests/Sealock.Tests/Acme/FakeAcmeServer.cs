// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Client;
using Sealock.Acme.Jose;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Acme;

/// <summary>A request as the server saw it.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path.</param>
/// <param name="Header">The protected header; null where nothing was signed.</param>
/// <param name="Payload">The payload as text; empty for a POST-as-GET.</param>
internal sealed record FakeRequest(string Method, string Path, JsonNode? Header, string Payload);

/// <summary>What the server answers.</summary>
internal sealed record FakeAnswer(int Status, string Body = "", params (string Name, string Value)[] Headers)
{
    public bool WithNonce { get; init; } = true;

    /// <summary>The body where it comes later than the headers.</summary>
    public LateBody? Late { get; init; }

    public static FakeAnswer Problem(int status, string kind, params (string Name, string Value)[] headers) =>
        new(status, $$"""{"type":"urn:ietf:params:acme:error:{{kind}}","detail":"because of {{kind}}","status":{{status}}}""", headers);
}

/// <summary>An empty body that is there only when the test says so.</summary>
internal sealed class LateBody : HttpContent
{
    private readonly TaskCompletionSource _awaited = new(), _arrived = new();

    /// <summary>Ends when somebody has the headers and reads the body.</summary>
    public Task Awaited => _awaited.Task;

    public void Arrive() => _arrived.SetResult();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        _awaited.SetResult();
        return _arrived.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}

/// <summary>An ACME server that answers as a test says, and insists on nonces being used once.</summary>
internal sealed class FakeAcmeServer : HttpMessageHandler
{
    public const string Root = "https://ca.example";
    private readonly Dictionary<string, Queue<Func<FakeAnswer>>> _answers = [];
    private readonly HashSet<string> _nonces = [];
    private readonly KeyPair _key = KeyPair.Generate();
    private int _lastNonce;

    public FakeAcmeServer()
    {
        Account = new(new AccountKey(_key), $"{Root}/account/1");
        Always("/directory", new(200, Directory()));
        Always("/nonce", new(200));
    }

    public List<FakeRequest> Requests { get; } = [];

    public AcmeAccount Account { get; }

    public FakeTimeProvider Clock { get; } = new();

    /// <summary>The requests but for the directory and nonces.</summary>
    public IEnumerable<FakeRequest> Calls => Requests.Where(request => request.Path is not ("/directory" or "/nonce"));

    public static string Directory(string more = "") => $$$"""
        {"newNonce":"{{{Root}}}/nonce","newAccount":"{{{Root}}}/new-account","newOrder":"{{{Root}}}/new-order","revokeCert":"{{{Root}}}/revoke",
         "keyChange":"{{{Root}}}/key-change","renewalInfo":"{{{Root}}}/renewal-info",
         "meta":{"termsOfService":"https://ca.example/terms","caaIdentities":["ca.example"],"profiles":{"short":"six days"}},"a7x":"https://docs.example"{{{more}}}}
        """;

    public AcmeClient Client(AcmeClientOptions? options = null) =>
        new(new Uri($"{Root}/directory"), new HttpClient(this), Clock, (options ?? new()) with { Jitter = () => 0, Timeout = Timeout.InfiniteTimeSpan });

    /// <summary>The next answers at a path, in turn; the last one stays.</summary>
    public void At(string path, params FakeAnswer[] answers)
    {
        var queue = new Queue<Func<FakeAnswer>>();
        foreach (var answer in answers)
            queue.Enqueue(() => answer);
        _answers[path] = queue;
    }

    public void At(string path, Func<FakeAnswer> answer) => _answers[path] = new([answer]);

    /// <summary>Waits for a call; the clock moves on while the call waits for it.</summary>
    public async Task<T> WaitAsync<T>(Task<T> call)
    {
        while (!call.IsCompleted)
        {
            if (Clock.PendingTimers > 0)
                Clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await call;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        JsonNode? header = null;
        var payload = "";
        if (request.Content is not null)
        {
            Assert.Equal("application/jose+json", request.Content.Headers.ContentType?.ToString());
            var jws = JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken))!;
            header = JsonNode.Parse(Text(jws["protected"]));
            payload = Text(jws["payload"]);
            Assert.Equal(request.RequestUri.AbsoluteUri, (string?)header!["url"]);
            lock (_nonces)
                Assert.True(_nonces.Remove((string)header["nonce"]!), "a nonce was used twice or made up");
        }

        lock (Requests)
            Requests.Add(new(request.Method.Method, path, header, payload));
        Assert.Contains("sealock", request.Headers.UserAgent.ToString(), StringComparison.Ordinal);
        var answer = Next(path);
        var response = new HttpResponseMessage((HttpStatusCode)answer.Status) { Content = answer.Late ?? (HttpContent)new StringContent(answer.Body) };
        foreach (var (name, value) in answer.Headers)
            response.Headers.TryAddWithoutValidation(name, value);
        if (answer.WithNonce)
            response.Headers.Add("Replay-Nonce", NewNonce());
        return response;
    }

    protected override void Dispose(bool disposing)
    {
        _key.Dispose();
        base.Dispose(disposing);
    }

    private void Always(string path, FakeAnswer answer) => At(path, answer);

    private FakeAnswer Next(string path)
    {
        lock (_answers)
        {
            Assert.True(_answers.TryGetValue(path, out var queue), $"nothing is prepared for {path}");
            return (queue.Count > 1 ? queue.Dequeue() : queue.Peek())();
        }
    }

    private string NewNonce()
    {
        var nonce = $"nonce{Interlocked.Increment(ref _lastNonce)}";
        lock (_nonces)
            _nonces.Add(nonce);
        return nonce;
    }

    private static string Text(JsonNode? base64Url) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars((string)base64Url!));
}
