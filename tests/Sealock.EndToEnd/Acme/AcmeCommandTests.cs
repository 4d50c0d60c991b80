// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.EndToEnd.Acme;

/// <summary><c>sealock acme</c> against a real pebble.</summary>
public sealed class AcmeCommandTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _httpPort = Ports.Free();
    private readonly int _tlsPort = Ports.Free();
    private ChallengeDns? _dns;
    private Pebble? _pebble;

    private string Home => _folder["acme"];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_pebble is not null)
            await _pebble.DisposeAsync();
        if (_dns is not null)
            await _dns.DisposeAsync();
        _folder.Dispose();
    }

    [PeerFact("pebble", "pebble-challtestsrv", "openssl")]
    public async Task A_certificate_is_issued_kept_renewed_and_revoked()
    {
        await StartAsync(new() { NonceReject = 30 });
        var first = await IssueAsync("www.example.com", "--http-01", $":{_httpPort}", "--reload-command", $"echo \"$NAMES\" >> {_folder["reloads"]}");
        Assert.Equal("issued", (string?)first["result"]);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode((string)first["key"]!));
        await AssertTrustedAsync((string)first["certificate"]!);
        Assert.All(Directory.EnumerateFiles(Home, "*.key", SearchOption.AllDirectories), key =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(key)));

        // The same again does nothing, and says until when.
        var second = await IssueAsync("www.example.com", "--http-01", $":{_httpPort}", "--reload-command", $"echo \"$NAMES\" >> {_folder["reloads"]}");
        Assert.Equal(("kept", (string?)first["serial"]), ((string?)second["result"], (string?)second["serial"]));
        Assert.NotNull(second["dueAt"]);
        var renewal = (await SealockAsync("renew", "--dir", Home)).Succeeded();
        Assert.Contains("www.example.com: valid until", renewal, StringComparison.Ordinal);
        Assert.Contains("nothing to do", renewal, StringComparison.Ordinal);

        // Another name is another certificate; renewing needs nothing but the folder.
        var third = await IssueAsync("www.example.com", "example.com", "--tls-alpn-01", $":{_tlsPort}");
        Assert.Equal("its names are others than are wanted", (string?)third["reason"]);
        var forced = JsonNode.Parse((await SealockAsync("renew", "--dir", Home, "--force", "-o", "json")).Succeeded())![0]!;
        Assert.Equal("issued", (string?)forced["result"]);
        Assert.Equal(["www.example.com"], (await File.ReadAllLinesAsync(_folder["reloads"])).Distinct());
        using (var key = KeyPair.FromPem(await File.ReadAllTextAsync((string)forced["key"]!)))
            Assert.True(Leaf(forced).Matches(key));

        var revoked = (await SealockAsync("revoke", "www.example.com", "--reason", "superseded", "--dir", Home)).Succeeded();
        Assert.Contains("revoked", revoked, StringComparison.Ordinal);
        Assert.Equal("Revoked", (string?)(await _pebble!.GetCertificateStatusAsync(Leaf(forced)))?["Status"]);
        Assert.Contains("was revoked before", (await SealockAsync(
            "revoke", (string)forced["certificate"]!, "--key", (string)forced["key"]!, "--dir", Home)).Succeeded(), StringComparison.Ordinal);
    }

    [PeerFact("pebble", "pebble-challtestsrv", "curl")]
    public async Task A_wildcard_is_proven_by_a_program_of_the_users()
    {
        await StartAsync();
        var hook = _folder["hook"];
        await File.WriteAllTextAsync(hook, $$"""
            #!/bin/sh
            set -eu
            echo "$@" >> "{{_folder["calls"]}}"
            case $1 in
            present) curl -sf -d "{\"host\":\"$2\",\"value\":\"$3\"}" {{_dns!.Management}}/set-txt ;;
            cleanup) curl -sf -d "{\"host\":\"$2\"}" {{_dns.Management}}/clear-txt ;;
            esac
            """);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var issued = await IssueAsync("*.example.com", "--dns-01", "exec", "--dns-exec", hook, "--dns-no-wait");
        Assert.Equal(["*.example.com"], Leaf(issued).Names.Select(name => name.Text));
        Assert.Equal(Path.Combine(Home, "_.example.com", "tls.crt"), (string?)issued["certificate"]);
        var calls = await File.ReadAllLinesAsync(_folder["calls"]);
        Assert.Equal(["present", "cleanup"], calls.Select(call => call.Split(' ')[0]));
        Assert.All(calls, call => Assert.Equal("_acme-challenge.example.com.", call.Split(' ')[1]));

        await File.WriteAllTextAsync(hook, "#!/bin/sh\necho no rights to the zone >&2\nexit 3\n");
        var failed = await SealockAsync(["renew", "--dir", Home, "--force"]);
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("ended with 3: no rights to the zone", failed.Output, StringComparison.Ordinal);
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task An_account_is_shown_changed_rolled_over_and_given_up()
    {
        await StartAsync();
        await IssueAsync("www.example.com", "--http-01", $":{_httpPort}");
        var shown = await AccountAsync("show");
        Assert.Equal(("valid", "mailto:admin@example.com"), ((string?)shown["status"], (string?)shown["contact"]));
        Assert.Equal("mailto:b@example.com", (string?)(await AccountAsync("update", "--email", "b@example.com"))["contact"]);
        var rolled = await AccountAsync("rollover", "--key-type", "RSA-2048");
        Assert.Equal((shown["url"]!.ToString(), "RSA 2048"), (rolled["url"]!.ToString(), (string?)rolled["key"]));
        Assert.NotEqual((string?)shown["thumbprint"], (string?)rolled["thumbprint"]);
        Assert.Equal("issued", (string?)JsonNode.Parse((await SealockAsync("renew", "--dir", Home, "--force", "-o", "json")).Succeeded())![0]!["result"]);
        Assert.Contains("say --yes", (await SealockAsync(["account", "deactivate", "--dir", Home])).Failed(), StringComparison.Ordinal);
        Assert.Equal("deactivated", (string?)(await AccountAsync("deactivate", "--yes"))["status"]);
        Assert.Empty(Directory.EnumerateFiles(Home, "account.key", SearchOption.AllDirectories));
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_server_that_forgot_everything_is_registered_with_again()
    {
        await StartAsync();
        await IssueAsync("www.example.com", "--http-01", $":{_httpPort}");
        await _pebble!.RestartAsync();
        var renewed = await SealockAsync("renew", "--dir", Home, "--force", "-o", "json");
        Assert.Equal("issued", (string?)JsonNode.Parse(renewed.Succeeded())![0]!["result"]);
        Assert.Contains("registering its key again", renewed.Errors, StringComparison.Ordinal);
    }

    [PeerFact("newer pebble", "pebble-challtestsrv")]
    public async Task A_certificate_is_renewed_when_the_CA_suggests_it_and_replaces_the_old_one()
    {
        await StartAsync(new() { Newer = true, NonceReject = 20 });
        var first = await IssueAsync("www.example.com", "--http-01", $":{_httpPort}", "--profile", "shortlived");
        Assert.InRange(Leaf(first).Lifetime.TotalDays, 5.9, 6.1);
        var kept = await RenewAsync();
        Assert.Equal("kept", (string?)kept["result"]);

        // The answer is kept for as long as the server says: as if that were over.
        var now = TimeProvider.System.GetUtcNow();
        await _pebble!.SuggestRenewalAsync(Leaf(first), now.AddDays(-1), now.AddMinutes(-1));
        ForgetPoll();
        var second = await RenewAsync();
        Assert.Equal(("issued", "the CA suggests it"), ((string?)second["result"], (string?)second["reason"]));
        Assert.NotEqual((string?)first["serial"], (string?)second["serial"]);
        Assert.Contains("is a replacement of", _pebble.Log, StringComparison.Ordinal);

        await _pebble.SuggestRenewalAsync(Leaf(second), now.AddDays(2), now.AddDays(3));
        ForgetPoll();
        var due = DateTimeOffset.Parse((string)(await RenewAsync())["dueAt"]!, CultureInfo.InvariantCulture);
        Assert.InRange(due, now.AddDays(2).AddSeconds(-1), now.AddDays(3).AddSeconds(1));

        var wrong = await SealockAsync(["issue", "x.example.com", .. Server, "--http-01", $":{_httpPort}", "--forwarded", "--profile", "eternal"]);
        Assert.Contains("the server has no profile 'eternal': choose one of default, shortlived", wrong.Output, StringComparison.Ordinal);
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task Mistakes_are_told_in_one_line_with_the_remedy()
    {
        await StartAsync();
        foreach (var (arguments, code, remedy) in new (string[] Arguments, int Code, string Remedy)[]
        {
            (["account", "show", .. Server], 1, "there is no account key"),
            (["issue", "a.example.com", .. Server, "--agree-tos"], 2, "--http-01, --tls-alpn-01 or --dns-01"),
            (["issue", "a.example.com", .. Server, "--agree-tos", "--tls-alpn-01", ":8443"], 2, "CAs come to port 443 only"),
            (["issue", "a.example.com", .. Server, "--http-01", $":{_httpPort}", "--forwarded"], 2, "agree with --agree-tos"),
            (["issue", "a_b c", .. Server, "--agree-tos", "--http-01"], 2, "neither a DNS name nor an IP address"),
            (["issue", "a.example.com", "--server", "http://ca.example/dir", "--dir", Home, "--agree-tos", "--http-01"], 2, "is not an HTTPS URL"),
            (["issue", "a.example.com", "--server", _pebble!.Directory, "--dir", Home, "--agree-tos", "--http-01", $":{_httpPort}", "--forwarded"], 1, "certificate is not trusted"),
            (["issue", "a.example.com", .. Server, "--agree-tos", "--dns-01", "rfc2136"], 2, "--dns-server"),
            (["issue", "a.example.com", .. Server, "--agree-tos", "--http-01", "--eab-kid", "x"], 2, "go together"),
            (["renew", "--dir", _folder["nothing"]], 2, "get one with sealock acme issue"),
            (["issue", "*.example.com", .. Server, "--agree-tos", "--http-01"], 2, "is validated by dns-01 only"),
            (["issue", "a.example.com", .. Server, "--agree-tos", "--dns-01", "exec", "--dns-exec", "/nowhere/hook"], 2, "--dns-exec: /nowhere/hook does not exist"),
            (["account", "deactivate", .. Server], 2, "say --yes"),
            (["revoke", "missing.crt", "--dir", Home], 2, "missing.crt"),
        })
        {
            var result = await SealockAsync(arguments);
            Assert.True(result.ExitCode == code, $"{result.Command}\nexit code {result.ExitCode}\n{result.Output}\n{result.Errors}");
            Assert.Contains(remedy, result.Errors + result.Output, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_failed_is_told_skipped_until_it_is_time_listed_and_forgotten()
    {
        string[] server = ["--server", $"https://127.0.0.1:{Ports.Free()}/directory", "--dir", Home];
        var first = await SealockAsync(["issue", "*.example.com", "www.example.com", .. server, "--agree-tos", "--dns-01", "exec", "--dns-exec", "/bin/true"]);
        Assert.Equal(1, first.ExitCode);
        Assert.Contains("Connection refused; renew tries again after ", first.Output, StringComparison.Ordinal);
        var skipped = await SealockAsync("renew", "--dir", Home);
        Assert.Equal(1, skipped.ExitCode);
        Assert.Matches(@"^_\.example\.com: skipped until \S+ \S+ UTC, for it failed \(--force tries at once\): .*Connection refused\n$", skipped.Output);
        Assert.Contains("none yet; failed 2 times, next try ", await ForcedListAsync(), StringComparison.Ordinal);
        Assert.Equal("_.example.com: forgotten\n", (await SealockAsync("forget", "*.example.com", "--dir", Home)).Succeeded());
        Assert.Equal($"no certificate is kept in {Home}\n", (await SealockAsync("list", "--dir", Home)).Succeeded());

        async Task<string> ForcedListAsync()
        {
            Assert.Equal(1, (await SealockAsync("renew", "_.example.com", "--force", "--dir", Home)).ExitCode);
            var row = JsonNode.Parse((await SealockAsync("list", "--dir", Home, "-o", "json")).Succeeded())!["certificates"]![0]!;
            Assert.Equal((2, "*.example.com"), ((int?)row["failures"], (string?)row["names"]![0]));
            Assert.NotNull(row["nextTry"]);
            return (await SealockAsync("list", "--dir", Home)).Succeeded();
        }
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("acme", "list")]
    [InlineData("acme", "forget")]
    [InlineData("acme", "issue")]
    [InlineData("acme", "renew")]
    [InlineData("acme", "revoke")]
    [InlineData("acme", "account")]
    [InlineData("acme", "account", "rollover")]
    public async Task Help_starts_with_examples(params string[] command) => Assert.StartsWith(
        "Examples:\n  sealock acme", (await Tool.RunAsync(SealockProcess.Program, [.. command, "--help"])).SucceededQuietly(), StringComparison.Ordinal);

    private string[] Server => ["--server", _pebble!.Directory, "--ca-file", _pebble.CaFile, "--dir", Home];

    private async Task StartAsync(PebbleOptions? options = null)
    {
        _dns = await ChallengeDns.StartAsync();
        _pebble = await Pebble.StartAsync((options ?? new()) with { HttpPort = _httpPort, TlsPort = _tlsPort, DnsServer = _dns.Address });
    }

    private async Task<JsonNode> IssueAsync(params string[] arguments)
    {
        var result = await SealockAsync(
            ["issue", .. arguments, .. Server, "--email", "admin@example.com", "--agree-tos", "--forwarded", "--dns-resolver", _dns!.Address, "-o", "json"]);
        return JsonNode.Parse(result.Succeeded())![0]!;
    }

    private async Task<JsonNode> RenewAsync() => JsonNode.Parse((await SealockAsync("renew", "--dir", Home, "-o", "json")).Succeeded())![0]!;

    private async Task<JsonNode> AccountAsync(params string[] arguments) =>
        JsonNode.Parse((await SealockAsync(["account", .. arguments, "--dir", Home, "-o", "json"])).Succeeded())!;

    private static Task<ToolResult> SealockAsync(params string[] arguments) => Tool.RunAsync(SealockProcess.Program, ["acme", .. arguments]);

    private static Certificate Leaf(JsonNode row) => Certificate.ListFromPem(File.ReadAllText((string)row["certificate"]!))[0];

    private async Task AssertTrustedAsync(string file)
    {
        await File.WriteAllTextAsync(_folder["root.crt"], await _pebble!.GetRootAsync());
        (await Tool.RunAsync("openssl", ["verify", "-CAfile", _folder["root.crt"], "-untrusted", file, "-purpose", "sslserver", file])).Succeeded();
    }

    /// <summary>As if the time had come to ask the CA for its suggestion again.</summary>
    private void ForgetPoll()
    {
        var file = Path.Combine(Home, "www.example.com", "renewal.json");
        var state = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        state.Remove("nextPoll");
        File.WriteAllText(file, state.ToJsonString());
    }
}
