// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Challenges;
using Sealock.Acme.Client;
using Sealock.Acme.Jose;
using Sealock.Acme.Keeping;
using Sealock.Acme.Messages;
using Sealock.Acme.Solvers;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;

namespace Sealock.Tests.Acme;

/// <summary>What answers challenges, with strangers at the other end.</summary>
public sealed class SolverTests : IDisposable
{
    private static readonly TxtValue Value = new("a.example", "_acme-challenge.a.example", "the-value");

    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-").FullName;
    private readonly KeyPair _key = KeyPair.Generate();

    private ChallengeTask Task(string name, string type) => new(
        new AccountKey(_key),
        new() { Status = "pending", Identifier = AcmeIdentifier.Parse(name) },
        new() { Type = type, Url = "https://ca.example/c", Token = "token" });

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task An_http_listener_answers_while_the_answer_is_in_place_and_outlives_rude_clients()
    {
        await using var listener = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        var task = Task("a.example", ChallengeTypes.Http01);
        const string Request = "GET /.well-known/acme-challenge/token HTTP/1.1\r\nHost: a.example\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(listener.Address, Request), StringComparison.Ordinal);
        await listener.PresentAsync(task, default);
        foreach (var rude in new[] { "", "GET", new string('x', 20_000), "\u0016\u0003\u0001\u0002\u0000" })
            await AskAsync(listener.Address, rude);
        Assert.EndsWith($"\r\n\r\n{task.Key.KeyAuthorization("token")}", await AskAsync(listener.Address, Request), StringComparison.Ordinal);
        await listener.CleanUpAsync(task, default);
        Assert.StartsWith("HTTP/1.1 404", await AskAsync(listener.Address, Request), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tls_listener_shows_the_certificate_to_those_who_ask_for_it_only()
    {
        await using var listener = TlsAlpn01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await listener.PresentAsync(Task("a.example", ChallengeTypes.TlsAlpn01), default);
        await listener.PresentAsync(Task("127.0.0.1", ChallengeTypes.TlsAlpn01), default);
        Assert.Equal("acme-tls/1", await ShakeHandsAsync(listener.Address, "a.example", TlsAlpn01Answer.Protocol));
        Assert.Equal("acme-tls/1", await ShakeHandsAsync(listener.Address, "1.0.0.127.in-addr.arpa", TlsAlpn01Answer.Protocol));
        Assert.Null(await ShakeHandsAsync(listener.Address, "b.example", TlsAlpn01Answer.Protocol));
        Assert.Null(await ShakeHandsAsync(listener.Address, "a.example", "h2"));
        await listener.CleanUpAsync(Task("a.example", ChallengeTypes.TlsAlpn01), default);
        Assert.Null(await ShakeHandsAsync(listener.Address, "a.example", TlsAlpn01Answer.Protocol));
    }

    [Fact]
    public async Task A_program_is_told_what_to_do_and_its_failure_is_told()
    {
        var program = await ProgramAsync("echo \"$SEALOCK_ACTION $SEALOCK_DOMAIN $SEALOCK_FQDN $SEALOCK_VALUE|$*\" >> calls");
        var provider = new ExecProvider(program, TimeProvider.System);
        Assert.Null(await provider.AddAsync(Value, default));
        Assert.Null(await provider.RemoveAsync(Value, default));
        Assert.Equal(
            [
                "present a.example _acme-challenge.a.example. the-value|present _acme-challenge.a.example. the-value",
                "cleanup a.example _acme-challenge.a.example. the-value|cleanup _acme-challenge.a.example. the-value",
            ],
            await File.ReadAllLinesAsync(Path.Combine(_folder, "calls")));

        Assert.EndsWith("ended with 3: no such zone", await Run("echo no such zone >&2; exit 3"), StringComparison.Ordinal);
        // What it leaves running holds nobody up.
        Assert.Null(await Run("sleep 1000 & echo $! > pid"));
        await CommandLine.RunAsync("kill", await File.ReadAllTextAsync(Path.Combine(_folder, "pid")));
        Assert.Contains("cannot be run", await new ExecProvider(Path.Combine(_folder, "missing"), TimeProvider.System).AddAsync(Value, default), StringComparison.Ordinal);
        Assert.Contains(
            "did not end within", await new ExecProvider(await ProgramAsync("exec sleep 1000"), TimeProvider.System, TimeSpan.FromSeconds(0.3)).AddAsync(Value, default),
            StringComparison.Ordinal);

        async Task<string?> Run(string script) => await new ExecProvider(await ProgramAsync(script), TimeProvider.System).AddAsync(Value, default);
    }

    [Fact]
    public async Task Nothing_that_a_program_is_told_is_understood_by_a_shell()
    {
        var provider = new ExecProvider(await ProgramAsync("printf '%s\\n' \"$@\" \"$SEALOCK_VALUE\" > told"), TimeProvider.System);
        Assert.Null(await provider.AddAsync(Value with { Value = "$(touch hacked) `touch hacked`; touch hacked | \"x\" 'y' *" }, default));
        var told = await File.ReadAllLinesAsync(Path.Combine(_folder, "told"));
        Assert.Equal(["present", "_acme-challenge.a.example.", "$(touch hacked) `touch hacked`; touch hacked | \"x\" 'y' *", told[2]], told);
        Assert.False(File.Exists(Path.Combine(_folder, "hacked")));
    }

    [Fact]
    public async Task A_program_that_takes_too_long_is_ended_with_all_it_started_and_a_talkative_one_is_cut_short()
    {
        var slow = new ExecProvider(
            await ProgramAsync("echo working >&2; sleep 1000 & echo $! > child; wait"), TimeProvider.System, TimeSpan.FromSeconds(1));
        Assert.EndsWith("did not end within 1 s: working", await slow.AddAsync(Value, default), StringComparison.Ordinal);
        var child = int.Parse(await File.ReadAllTextAsync(Path.Combine(_folder, "child")), System.Globalization.CultureInfo.InvariantCulture);
        // It has been told to end; that it does is the kernel's business, and takes a moment.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (File.Exists($"/proc/{child}/stat") && !StateOf(child).Contains(") Z ", StringComparison.Ordinal))
            await System.Threading.Tasks.Task.Delay(10, limit.Token);

        var talkative = new ExecProvider(await ProgramAsync("for i in $(seq 2000); do echo line $i; done; exit 1"), TimeProvider.System);
        var problem = await talkative.AddAsync(Value, default);
        Assert.EndsWith("line 2000", problem, StringComparison.Ordinal);
        Assert.InRange(problem!.Length, 100, 800);
        Assert.DoesNotContain('\n', problem);

        static string StateOf(int process)
        {
            try
            {
                return File.ReadAllText($"/proc/{process}/stat");
            }
            catch (IOException)
            {
                return ") Z ";
            }
        }
    }

    [Fact]
    public async Task A_program_is_never_run_twice_at_once()
    {
        var provider = new ExecProvider(await ProgramAsync("mkdir alone || exit 9; sleep 0.05; rmdir alone"), TimeProvider.System);
        Assert.All(await System.Threading.Tasks.Task.WhenAll(Enumerable.Range(0, 4).Select(_ => provider.AddAsync(Value, default))), Assert.Null);
    }

    [Fact]
    public async Task A_webhook_gets_what_is_documented_and_its_failure_is_told()
    {
        var seen = new List<(string Method, string? Authorization, string Body)>();
        var status = HttpStatusCode.OK;
        using var http = new HttpClient(new Answering(async request =>
        {
            seen.Add((request.Method.Method, request.Headers.Authorization?.ToString(), await request.Content!.ReadAsStringAsync()));
            return new(status) { Content = new StringContent("no rights\nhere" + new string('x', 5000)) };
        }));
        var provider = new WebhookProvider(new("https://dns.example/hook"), http, TimeProvider.System, () => "secret");
        Assert.Null(await provider.AddAsync(Value, default));
        Assert.Equal(("POST", "Bearer secret"), (seen[0].Method, seen[0].Authorization));
        Assert.Equal(
            """{"action":"present","domain":"a.example","fqdn":"_acme-challenge.a.example.","value":"the-value"}""", JsonNode.Parse(seen[0].Body)!.ToJsonString());
        status = HttpStatusCode.Forbidden;
        var problem = await provider.RemoveAsync(Value, default);
        Assert.StartsWith("the webhook dns.example answered cleanup of _acme-challenge.a.example with HTTP status 403: no rights here", problem, StringComparison.Ordinal);
        Assert.InRange(problem!.Length, 400, 700);
    }

    [Theory]
    [InlineData("", 443, "[::]:443")]
    [InlineData("8443", 443, "[::]:8443")]
    [InlineData(":8443", 443, "[::]:8443")]
    [InlineData("192.0.2.1", 80, "192.0.2.1:80")]
    [InlineData("192.0.2.1:8080", 80, "192.0.2.1:8080")]
    [InlineData("[2001:db8::1]:8080", 80, "[2001:db8::1]:8080")]
    [InlineData("[2001:db8::1]", 80, "[2001:db8::1]:80")]
    [InlineData("example.com:80", 80, null)]
    [InlineData(":99999", 80, null)]
    public void Addresses_to_listen_on_are_read(string text, int port, string? expected) =>
        Assert.Equal(expected, ListenAddress.TryParse(text, port, out var address) ? address.ToString() : null);

    [Fact]
    public void A_port_that_no_CA_comes_to_needs_a_declared_forward()
    {
        Assert.Null(ListenAddress.Refuse(new(IPAddress.Any, 443), 443, false, "--tls-alpn-01"));
        Assert.Null(ListenAddress.Refuse(new(IPAddress.Any, 8443), 443, true, "--tls-alpn-01"));
        Assert.Contains("forward port 443", ListenAddress.Refuse(new(IPAddress.Any, 8443), 443, false, "--tls-alpn-01"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_told_with_the_remedy()
    {
        await using var first = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        var settings = new CertificateSettings { Http01 = first.Address.ToString(), TlsAlpn01 = "127.0.0.1:0" };
        var refusal = await Assert.ThrowsAsync<KeepingException>(() => SolverSet.OpenAsync(
            settings, new([new(IPAddress.Loopback, 53)], TimeProvider.System), TimeProvider.System));
        Assert.Matches(@"^--http-01: 127\.0\.0\.1:\d+ cannot be bound \(.*\): stop what listens there, or listen elsewhere and forward the port", refusal.Message);
    }

    /// <summary>The kind of failure, tries so far, whether repeating does no harm, the server's wait in seconds; the wait or none.</summary>
    [Theory]
    [InlineData(AcmeFailureKind.RateLimited, 429, 1, false, 5, 5.5)]
    [InlineData(AcmeFailureKind.RateLimited, 429, 1, false, -5, 0.5)]
    [InlineData(AcmeFailureKind.RateLimited, 429, 10, false, 5, null)]
    [InlineData(AcmeFailureKind.Unavailable, 503, 1, false, 2, 2.5)]
    [InlineData(AcmeFailureKind.Unavailable, 503, 1, false, null, 0.75)]
    [InlineData(AcmeFailureKind.Unavailable, 500, 1, false, null, null)]
    [InlineData(AcmeFailureKind.Unavailable, 500, 2, true, null, 1.5)]
    [InlineData(AcmeFailureKind.Unreachable, 0, 3, true, null, null)]
    [InlineData(AcmeFailureKind.Refused, 400, 1, true, null, null)]
    [InlineData(AcmeFailureKind.Malformed, 200, 1, true, null, null)]
    public void A_request_is_sent_again_after_a_wait_or_not_at_all(
        AcmeFailureKind kind, int status, int tries, bool mayRepeat, int? retryAfter, double? expected)
    {
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var failure = new AcmeFailure(kind, "x") { Status = status, RetryAt = retryAfter is { } seconds ? now.AddSeconds(seconds) : null };
        Assert.Equal(expected, Waiting.Before(failure, tries, mayRepeat, now, 0.5)?.TotalSeconds);
    }

    private async Task<string> ProgramAsync(string script)
    {
        var program = Path.Combine(_folder, $"program{Guid.NewGuid():N}");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\ncd {_folder}\n{script}\n");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return program;
    }

    private static async Task<string> AskAsync(IPEndPoint address, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address);
        try
        {
            await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
            if (!request.EndsWith("\r\n\r\n", StringComparison.Ordinal))
                client.Client.Shutdown(SocketShutdown.Send);
            using var reader = new StreamReader(client.GetStream());
            return await reader.ReadToEndAsync();
        }
        catch (Exception gone) when (gone is IOException or InvalidOperationException or SocketException)
        {
            return "";
        }
    }

    private static async Task<string?> ShakeHandsAsync(IPEndPoint address, string name, string protocol)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address);
        using var tls = new SslStream(client.GetStream());
        try
        {
            await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = name,
                ApplicationProtocols = [new(protocol)],
                RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=ACME challenge",
            });
            return tls.NegotiatedApplicationProtocol.ToString();
        }
        catch (Exception refused) when (refused is System.Security.Authentication.AuthenticationException or IOException)
        {
            return null;
        }
    }

    private sealed class Answering(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => answer(request);
    }
}
