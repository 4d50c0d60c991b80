// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.EndToEnd.Acme;

/// <summary><c>sealock acme issue</c> in a folder of its own, by every way of proving.</summary>
public abstract class IssuingCommand(ProvingGround ground) : IClassFixture<ProvingGround>, IDisposable
{
    private protected ProvingGround Ground { get; } = ground;

    private protected TemporaryFolder Folder { get; } = new();

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task<string[]> ArgumentsAsync(string way)
    {
        string[] forwarded = Ground.At.IsReal ? [] : ["--forwarded"];
        switch (way)
        {
            case "tls-alpn-01":
                return ["--tls-alpn-01", Ground.At.Tls, .. forwarded, "--dns-resolver", (await Ground.DnsAsync()).Address];
            case "dns-01 rfc2136" or "wildcard":
                var bind = await Ground.BindAsync();
                await File.WriteAllTextAsync(Folder["tsig"], bind.Secret);
                return ["--dns-01", "rfc2136", "--dns-server", bind.Address, "--tsig-name", bind.KeyName, "--tsig-secret-file", Folder["tsig"],
                    "--dns-no-wait", "--dns-resolver", bind.Address];
            case "dns-01 exec":
                return ["--dns-01", "exec", "--dns-exec", await Ground.HookAsync(), "--dns-no-wait", "--dns-resolver", (await Ground.DnsAsync()).Address];
            case "dns-01 webhook":
                var (url, ca) = await Ground.WebhookAsync();
                await File.WriteAllTextAsync(Folder["token"], ProvingGround.WebhookToken);
                return ["--dns-01", "webhook", "--dns-webhook", url, "--dns-webhook-ca-file", ca, "--dns-webhook-token-file", Folder["token"],
                    "--dns-no-wait", "--dns-resolver", (await Ground.DnsAsync()).Address];
            default:
                return ["--http-01", Ground.At.Http, .. forwarded, "--dns-resolver", (await Ground.DnsAsync()).Address];
        }
    }

    private protected Task<ToolResult> IssueAsync(string directory, string ca, IEnumerable<string> names, IEnumerable<string> arguments) => Tool.RunAsync(
        SealockProcess.Program,
        ["acme", "issue", .. names, .. arguments, "--server", directory, "--ca-file", ca, "--dir", Folder["acme"], "--agree-tos", "-o", "json"]);

    /// <summary>Issues, by a proxy where there is one; checks names, key and chain.</summary>
    private protected async Task IssuedAsync(Pebble pebble, string[] names, IEnumerable<string> arguments, BusyProxy? proxy = null)
    {
        if (proxy is not null)
            await File.WriteAllTextAsync(Folder["proxy.crt"], proxy.Ca);
        var result = await IssueAsync(
            proxy is null ? pebble.Directory : $"{proxy.Url}/dir", proxy is null ? pebble.CaFile : Folder["proxy.crt"], names, arguments);
        var row = JsonNode.Parse(result.Succeeded())![0]!;
        Assert.Equal("issued", (string?)row["result"]);
        var chain = Certificate.ListFromPem(await File.ReadAllTextAsync((string)row["certificate"]!));
        Assert.Equal(names.Order(StringComparer.Ordinal), chain[0].Names.Select(name => name.Text).Order(StringComparer.Ordinal));
        using var key = KeyPair.FromPem(await File.ReadAllTextAsync((string)row["key"]!));
        Assert.True(chain[0].Matches(key));
        var verdict = ChainVerifier.Verify(
            chain[0], [.. chain.Skip(1)], TrustPool.FromPem(await pebble.GetRootAsync()), new() { At = TimeProvider.System.GetUtcNow() });
        Assert.True(verdict.IsTrusted, verdict.Reason);
    }
}
