// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Hostile;

/// <summary>
/// A running server under everything that a stranger, or a client gone mad, can send to its port. It never dies, never
/// meets an error of its own, keeps its memory within bounds, and serves others meanwhile.
/// </summary>
public sealed class ServerFuzzTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int MaxGrowthKib = 300 * 1024;

    private static readonly string[] Requests =
    [
        "GET /api/v1/namespaces/default/secrets?limit=1&labelSelector=a%3Db HTTP/1.1\r\nHost: localhost\r\nAccept: application/json;as=Table;v=v1;g=meta.k8s.io\r\n\r\n",
        "POST /api/v1/namespaces/default/configmaps?dryRun=All HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 43\r\n\r\n{\"metadata\":{\"name\":\"x\"},\"data\":{\"k\":\"v\"}}\n",
        "POST /apis/certificates.k8s.io/v1/certificatesigningrequests HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n",
        "PATCH /api/v1/namespaces/default HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/merge-patch+json\r\nContent-Length: 32\r\nImpersonate-User: jane\r\n\r\n{\"metadata\":{\"labels\":{\"a\":\"b\"}}",
        "DELETE /apis/rbac.authorization.k8s.io/v1/clusterroles/none HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a.b.c\r\nContent-Length: 2\r\n\r\n{}",
        "GET /api/v1/watch/namespaces/default/pods?timeoutSeconds=1 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: eA==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io.YQ, x\r\n\r\n",
        "GET http://other/openapi/v2?x=%00 HTTP/1.1\r\nHost: other\r\nAccept: application/com.github.proto-openapi.spec.v2@v1.0+protobuf\r\nAccept-Encoding: gzip;q=0, *\r\nIf-None-Match: \"x\"\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\nHEAD /healthz HTTP/1.0\r\n\r\n", "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n",
        "GET /apis/../%2e%2e/api//v1/pods/%c0%af?watch HTTP/1.1\r\nHost: \r\nContent-Length: 1\r\nContent-Length: 2\r\n folded: x\r\n\r\n",
    ];

    private static readonly byte[][] Frames =
    [
        [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0],
        [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 5, 1, 5, 0, 0, 0, 1, 0x82, 0x87, 0x84, 0x41, 0],
        [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    ];

    private readonly TemporaryFolder _folder = new();
    private SealockProcess? _process;
    private X509Certificate2? _certificate;

    private SealockProcess Process => _process ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _process = await SealockProcess.StartAsync("up", "--data", _folder["data"], "--secure-port", "0");
        var user = ServerConnection.Administrator(_folder["data"]).User!; // the file is the server's own
        _certificate = X509Certificate2.CreateFromPem(
            Encoding.ASCII.GetString([.. user.ClientCertificateData]), Encoding.ASCII.GetString([.. user.ClientKeyData]));
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public Task Requests_that_are_no_requests() => RunAsync("HTTP/1.1 connections", 300, Requests.Select(Encoding.Latin1.GetBytes), (bytes, i) =>
        ExchangeAsync(bytes, tls: true, "http/1.1", i % 3 == 0 ? null : _certificate));

    [Fact]
    public Task Frames_that_are_no_frames() => RunAsync("HTTP/2 connections", 200, Frames, (bytes, i) =>
        ExchangeAsync(bytes, tls: true, "h2", i % 3 == 0 ? null : _certificate));

    [Fact]
    public Task Bytes_that_are_no_handshake()
    {
        byte[] hello = [0x16, 3, 1, 0, 47, 1, 0, 0, 43, 3, 3, .. new byte[32], 0, 0, 2, 0x13, 1, 1, 0, 0, 0];
        return RunAsync("raw connections", 2000, [hello, .. Frames, .. Requests.Select(Encoding.Latin1.GetBytes)], (bytes, _) =>
            ExchangeAsync(bytes, tls: false, "", null));
    }

    [Fact]
    public async Task Objects_that_are_odd()
    {
        var mutator = new JsonMutator(FuzzRun.Seed);
        JsonObject[] samples =
        [
            .. new[]
            {
                """{"metadata":{"name":"x","labels":{"a":"b"}},"data":{"k":"dg=="}}""",
                """{"metadata":{"name":"x"},"spec":{"signerName":"example.com/s","usages":["client auth"],"request":"LS0t"}}""",
                """{"metadata":{"name":"x"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}""",
                """{"metadata":{"name":"x"},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}]}]}}""",
            }.Select(json => JsonNode.Parse(json)!.AsObject()),
        ];
        string[] paths =
        [
            "/api/v1/namespaces/default/secrets", "/api/v1/namespaces/default/configmaps", "/api/v1/namespaces/default/pods",
            "/apis/certificates.k8s.io/v1/certificatesigningrequests", "/apis/rbac.authorization.k8s.io/v1/clusterroles",
        ];
        string[] types = ["application/json", "application/yaml", "application/merge-patch+json", "application/json-patch+json", "application/vnd.kubernetes.protobuf"];
        string[] methods = ["POST", "POST", "PUT", "PATCH", "DELETE", "GET"];
        using var http1 = new ServerConnection(Process.Url, ServerConnection.Administrator(_folder["data"]));
        using var http2 = new ServerConnection(Process.Url, ServerConnection.Administrator(_folder["data"]), System.Net.HttpVersion.Version20);
        await MeasureAsync("well-formed requests", FuzzRun.Iterations(2000), 8, async i =>
        {
            string method, path, type;
            JsonNode? body;
            lock (mutator)
            {
                method = methods[mutator.Next(methods.Length)];
                path = paths[mutator.Next(paths.Length)] + (method == "POST" ? "" : "/x");
                type = types[mutator.Next(types.Length)];
                body = method == "GET" ? null : mutator.Next(4) == 0 ? mutator.Value(samples) ?? JsonValue.Create(0) : mutator.Next(samples);
            }

            var answer = await (i % 2 == 0 ? http1 : http2).SendAsync(method, path, body, type);
            Assert.True(answer.Status != 500, $"{method} {path} {type} {body?.ToJsonString()}: {answer.Text}");
            return answer.Status < 300;
        });
    }

    [Fact]
    public async Task Connections_that_never_get_to_the_point()
    {
        byte[] partHello = [0x16, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3];
        var slow = Encoding.ASCII.GetBytes("POST /api/v1/namespaces/default/configmaps HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n{");
        var open = new List<RawConnection>();
        await MeasureAsync("connections held open", Math.Max(300, FuzzRun.Iterations(300) / 100), 4, async i =>
        {
            var connection = await RawConnection.OpenAsync(Process.Port, tls: i % 2 == 1, _certificate);
            await connection.SendAsync(i % 2 == 1 ? slow : partHello);
            lock (open)
                open.Add(connection);
            return true;
        });
        open.ForEach(connection => connection.Dispose());
    }

    [Fact]
    public Task Headers_and_lines_without_an_end() => MeasureAsync("endless headers", Math.Max(60, FuzzRun.Iterations(60) / 100), 2, async i =>
    {
        var junk = new string('x', 1 << 16);
        using var connection = await RawConnection.OpenAsync(Process.Port, tls: true, _certificate);
        try
        {
            await connection.SendAsync(Encoding.ASCII.GetBytes(i % 2 == 0 ? "GET /api HTTP/1.1\r\nHost: x\r\nA: " : "GET /"));
            for (var sent = 0; sent < 64; sent++)
                await connection.SendAsync(Encoding.ASCII.GetBytes(i % 4 == 0 ? $"\r\nB{sent}: {junk}" : junk));
        }
        catch (IOException)
        {
            return false; // refused on the way, as it should be
        }

        return (await connection.FinishAsync()).StartsWith("HTTP/1.1 2", StringComparison.Ordinal);
    });

    private async Task<bool> ExchangeAsync(byte[] bytes, bool tls, string protocol, X509Certificate2? certificate)
    {
        try
        {
            using var connection = await RawConnection.OpenAsync(Process.Port, tls, certificate, protocol);
            await connection.SendAsync(bytes);
            var answer = await connection.FinishAsync();
            Assert.DoesNotContain("HTTP/1.1 500", answer, StringComparison.Ordinal);
            return answer.StartsWith("HTTP/1.1 2", StringComparison.Ordinal);
        }
        catch (Exception refused) when (refused is IOException or SocketException or AuthenticationException)
        {
            return false;
        }
    }

    private Task RunAsync(string name, int otherwise, IEnumerable<byte[]> samples, Func<byte[], int, Task<bool>> send)
    {
        byte[][] all = [.. samples];
        var mutator = new Mutator(FuzzRun.Seed);
        return MeasureAsync(name, Math.Max(otherwise, FuzzRun.Iterations(otherwise) / 20), 16, i =>
        {
            byte[] bytes;
            lock (mutator)
                bytes = mutator.Next(all);
            return send(bytes, i);
        });
    }

    /// <summary>Sends, while another client goes on being served, and looks at the process before and after.</summary>
    private async Task MeasureAsync(string name, int count, int parallel, Func<int, Task<bool>> send)
    {
        using var good = new ServerConnection(Process.Url, ServerConnection.Administrator(_folder["data"]));
        var before = ResidentKib();
        var (next, taken) = (-1, 0);
        await Task.WhenAll(Enumerable.Range(0, parallel).Select(async _ =>
        {
            for (var i = Interlocked.Increment(ref next); i < count; i = Interlocked.Increment(ref next))
            {
                if (await send(i))
                    Interlocked.Increment(ref taken);
                if (i % 50 == 0)
                    (await good.GetAsync("/api/v1/namespaces/default")).Succeeded();
            }
        }));
        (await good.GetAsync("/api/v1/namespaces/default")).Succeeded();
        var after = ResidentKib();
        // Kestrel warns of HTTP/2 frames that its own decoder trips over; what counts is an error of the server.
        var log = Process.Log;
        Assert.True(
            !log.Contains(" fail: ", StringComparison.Ordinal) && !log.Contains(" crit: ", StringComparison.Ordinal),
            $"the server has met an error:\n{log}");
        Assert.True(after - before < MaxGrowthKib, $"memory grew from {before} to {after} KiB");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"fuzz {name}: {count} sent, {taken} taken, {count - taken} refused; no answer 500, still serving; resident {before / 1024} MiB before, {after / 1024} MiB after"));
    }

    private long ResidentKib() => long.Parse(
        File.ReadLines($"/proc/{Process.ProcessId}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);
}
