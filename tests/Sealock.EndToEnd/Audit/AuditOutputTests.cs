// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Audit;

/// <summary>The audit log and webhook of the real program when it is ended, when the disk is full, and when nobody takes the events.</summary>
public sealed class AuditOutputTests
{
    private const string Metadata = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";

    [Theory]
    [InlineData("blocking")]
    [InlineData("batch")]
    public async Task Every_request_that_was_answered_is_in_the_log_when_the_server_was_ended_under_load(string mode)
    {
        using var folder = new TemporaryFolder();
        await using var server = await StartAsync(
            folder, Metadata, $"--audit-log-path={folder["audit.log"]}", $"--audit-log-mode={mode}", "--audit-log-batch-buffer-size=200000");
        var answered = new ConcurrentBag<string>();
        using var end = new CancellationTokenSource();
        using var first = Client(server, HttpVersion.Version11);
        using var second = Client(server, HttpVersion.Version20);
        var watch = await SendAsync(second, HttpMethod.Get, "/api/v1/namespaces?watch=1", "the-watch");
        Assert.Equal(HttpStatusCode.OK, watch.StatusCode);

        async Task AskAsync(HttpClient client, int one)
        {
            for (var i = 0; !end.IsCancellationRequested; i++)
            {
                var id = $"{mode}-{one}-{i}";
                try
                {
                    using var answer = i % 10 == 0
                        ? await SendAsync(client, HttpMethod.Post, "/api/v1/namespaces/default/configmaps", id, $$$"""{"metadata":{"name":"{{{id}}}"}}""")
                        : await SendAsync(client, HttpMethod.Get, "/api/v1/namespaces/default", id);
                    await answer.Content.ReadAsByteArrayAsync();
                    Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}");
                    answered.Add(id);
                }
                catch (HttpRequestException)
                {
                    return; // the server has gone
                }
            }
        }

        var load = Enumerable.Range(0, 32).Select(one => AskAsync(one % 2 == 0 ? first : second, one)).ToList();
        while (answered.Count < 3000)
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        Assert.Equal(0, await server.StopAsync());
        await end.CancelAsync();
        await Task.WhenAll(load);

        var events = await EventsAsync(folder["audit.log"]);
        var complete = events.Where(one => one["stage"]!.GetValue<string>() == "ResponseComplete")
            .GroupBy(one => one["auditID"]!.GetValue<string>()).ToDictionary(group => group.Key, group => group.Count());
        Assert.DoesNotContain(answered, id => !complete.ContainsKey(id));
        Assert.All(complete, pair => Assert.Equal(1, pair.Value));
        Assert.Contains("the-watch", complete.Keys);
        // None that was begun lacks its end.
        Assert.DoesNotContain(events, one => one["stage"]!.GetValue<string>() == "RequestReceived" && !complete.ContainsKey(one["auditID"]!.GetValue<string>()));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["audit.log"]));
    }

    [MountFact]
    public async Task On_a_full_disk_requests_are_answered_and_the_loss_is_told_until_there_is_room_again()
    {
        using var folder = new TemporaryFolder();
        var disk = Directory.CreateDirectory(folder["disk"]).FullName;
        (await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", disk])).Succeeded();
        try
        {
            // What the server asks of itself while it starts must not fill the disk.
            var policy = Metadata.Replace("[{level: Metadata}]", "[{level: Metadata, resources: [{resources: [namespaces]}]}]", StringComparison.Ordinal);
            await using var server = await StartAsync(folder, policy, $"--audit-log-path={disk}/audit.log");
            using var client = Client(server, HttpVersion.Version11);
            for (var i = 0; i < 400; i++)
                await GetAsync(client, "/api/v1/namespaces", $"before-{i}");
            Assert.Contains($"Audit events are lost: {disk}/audit.log cannot be written: ", server.Log, StringComparison.Ordinal);
            Assert.True(await MetricAsync(client, "sealock_audit_error_total{plugin=\"log\"}") > 0);

            (await Tool.RunAsync("mount", ["-o", "remount,size=8m", disk])).Succeeded();
            await GetAsync(client, "/api/v1/namespaces", "after");
            await server.WaitForLogAsync("Audit events are written to");
            Assert.Equal(0, await server.StopAsync());
            var ids = (await EventsAsync($"{disk}/audit.log")).Select(one => one["auditID"]!.GetValue<string>()).ToList();
            Assert.Contains("before-0", ids);
            Assert.DoesNotContain("before-399", ids);
            Assert.Contains("after", ids);
        }
        finally
        {
            (await Tool.RunAsync("umount", [disk])).Succeeded();
        }
    }

    /// <summary>Sixteen hundred events of half a megabyte each: 800 MB, if anything kept them.</summary>
    [Theory]
    [InlineData("batch", true)]
    [InlineData("batch", false)]
    [InlineData("blocking", false)]
    public async Task While_nobody_takes_the_events_memory_is_bounded_requests_are_answered_and_the_loss_is_counted(string mode, bool hangs)
    {
        using var folder = new TemporaryFolder();
        using var receiver = new TcpListener(IPAddress.Loopback, 0);
        receiver.Start();
        var port = ((IPEndPoint)receiver.LocalEndpoint).Port;
        if (!hangs)
            receiver.Stop();
        await File.WriteAllTextAsync(folder["ca.pem"], await RealApiServer.MakeServingAsync(folder));
        await File.WriteAllTextAsync(folder["webhook.yaml"],
            $$"""
            apiVersion: v1
            kind: Config
            current-context: c
            clusters: [{name: c, cluster: {server: "https://127.0.0.1:{{port}}/", certificate-authority: ca.pem} }]
            users: [{name: u, user: {token: t} }]
            contexts: [{name: c, context: {cluster: c, user: u} }]
            """);
        await using var server = await StartAsync(
            folder, Metadata.Replace("[{level: Metadata}]", "[{level: RequestResponse, omitStages: [RequestReceived], resources: [{resources: [configmaps]}]}]", StringComparison.Ordinal),
            $"--audit-webhook-config-file={folder["webhook.yaml"]}", $"--audit-webhook-mode={mode}", "--audit-webhook-initial-backoff=10ms");
        using var client = Client(server, HttpVersion.Version11);
        const string one = "/api/v1/namespaces/default/configmaps/large";
        using (await SendAsync(
            client, HttpMethod.Post, one[..one.LastIndexOf('/')], "make", $$$"""{"metadata":{"name":"large"},"data":{"a":"{{{new string('x', 500_000)}}}"}}"""))
        {
        }

        var warm = Resident(server);
        var asked = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            // Where requests wait there are fewer of them: each batch is tried five times.
            var most = mode == "batch" ? 1600 : 120;
            for (var i = Interlocked.Increment(ref asked); i <= most; i = Interlocked.Increment(ref asked))
                await GetAsync(client, one, $"large-{i}");
        }));
        var grown = Resident(server) - warm;
        Assert.True(grown < 600, $"{grown} MB more than at the start");
        var plugin = mode == "batch" ? "buffered" : "webhook";
        Assert.True(await MetricAsync(client, $"sealock_audit_error_total{{plugin=\"{plugin}\"}}") > 50);
        Assert.True(await MetricAsync(client, "sealock_audit_queue_length{plugin=\"webhook\"}") < 200);
        Assert.InRange(await MetricAsync(client, "sealock_audit_queue_bytes{plugin=\"webhook\"}"), 0, 64 * 1024 * 1024);
        Assert.Contains(mode == "batch" ? "Audit events for the webhook are dropped: its queue is full" : "audit events are given up", server.Log, StringComparison.Ordinal);
        Assert.Equal(0, await server.StopAsync());
    }

    private static async Task<SealockProcess> StartAsync(TemporaryFolder folder, string policy, params string[] flags)
    {
        await File.WriteAllTextAsync(folder["policy.yaml"], policy);
        await File.WriteAllTextAsync(folder["tokens.csv"], $"{RealApiServer.Token},admin,admin,\"system:masters\"\n");
        return await SealockProcess.StartAsync(
        [
            "server", "--data", folder["data"], "--bind-address", "127.0.0.1", "--secure-port", "0", "--token-auth-file", folder["tokens.csv"],
            $"--audit-policy-file={folder["policy.yaml"]}", .. flags,
        ]);
    }

    /// <summary>Connections of a test that started the server itself, on loopback.</summary>
    private static HttpClient Client(SealockProcess server, Version version)
    {
        var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true } };
        return new HttpClient(handler)
        {
            BaseAddress = new Uri(server.Url),
            DefaultRequestVersion = version,
            DefaultRequestHeaders = { Authorization = new("Bearer", RealApiServer.Token) },
        };
    }

    private static Task<HttpResponseMessage> SendAsync(HttpClient client, HttpMethod method, string path, string id, string? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Version = client.DefaultRequestVersion, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        request.Headers.Add("Audit-ID", id);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static async Task<string> GetAsync(HttpClient client, string path, string id)
    {
        using var answer = await SendAsync(client, HttpMethod.Get, path, id);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<double> MetricAsync(HttpClient client, string series) => double.Parse(
        (await GetAsync(client, "/metrics", "metrics")).Split('\n').Single(line => line.StartsWith(series + " ", StringComparison.Ordinal))[(series.Length + 1)..],
        CultureInfo.InvariantCulture);

    /// <summary>Events in a log; every line is one.</summary>
    private static async Task<List<JsonNode>> EventsAsync(string path) =>
        [.. (await File.ReadAllLinesAsync(path)).Select(line => JsonNode.Parse(line)!)];

    /// <summary>Memory that a process has in use, in megabytes.</summary>
    private static long Resident(SealockProcess server)
    {
        using var process = Process.GetProcessById(server.ProcessId);
        return process.WorkingSet64 / 1_000_000;
    }
}

/// <summary>A test that mounts a small disk; it skips where nobody may.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MountFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> Possible = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("sealock-mount-").FullName;
        try
        {
            using var probe = Process.Start(new ProcessStartInfo("bash", ["-c", "mount -t tmpfs -o size=64k tmpfs \"$0\" && umount \"$0\"", folder])
            {
                RedirectStandardError = true,
            });
            probe?.WaitForExit();
            return probe?.ExitCode == 0;
        }
        finally
        {
            Directory.Delete(folder);
        }
    });

    public MountFactAttribute() => Skip = Possible.Value ? null : "needs the right to mount a file system";
}
