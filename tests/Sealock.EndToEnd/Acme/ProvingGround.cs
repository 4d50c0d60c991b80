// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Sealock.EndToEnd.Acme;

/// <summary>
/// Strict pebbles of several tests that validate for real on one address, with pebble's own DNS server or a bind9, and whatever
/// changes records. Everything starts when it is first asked for.
/// </summary>
public sealed class ProvingGround : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly Dictionary<string, Pebble> _pebbles = [];
    private readonly List<IAsyncDisposable> _started = [];
    private ChallengeDns? _dns;
    private Bind? _bind;
    private HttpsServer? _webhook;

    /// <summary>Where pebbles validate.</summary>
    internal ValidationAddress At { get; } = ValidationAddress.Take();

    /// <summary>What the webhook was sent.</summary>
    internal List<string> WebhookCalls { get; } = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var started in Enumerable.Reverse(_started))
            await started.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>The DNS server of pebbles that are not said to have a bind9.</summary>
    internal async Task<ChallengeDns> DnsAsync() => _dns ??= Keep(await ChallengeDns.StartAsync(At.Address));

    /// <summary>A bind9 with a zone <c>example.com</c> that a key may change.</summary>
    internal async Task<Bind> BindAsync() => _bind ??= Keep(await Bind.StartAsync(address: At.Address));

    /// <summary>The pebble of these options.</summary>
    internal async Task<Pebble> PebbleAsync(int nonceReject = 5, bool asksBind = false, IReadOnlyDictionary<string, string>? externalAccounts = null)
    {
        var name = $"{nonceReject} {asksBind} {externalAccounts is not null}";
        if (!_pebbles.TryGetValue(name, out var pebble))
            _pebbles[name] = pebble = Keep(await StartPebbleAsync(nonceReject, asksBind, externalAccounts));
        return pebble;
    }

    /// <summary>One that nobody else has, for who restarts it.</summary>
    internal async Task<Pebble> StartPebbleAsync(
        int nonceReject = 5, bool asksBind = false, IReadOnlyDictionary<string, string>? externalAccounts = null) => await Pebble.StartAsync(new()
        {
            HttpPort = At.HttpPort,
            TlsPort = At.TlsPort,
            DnsServer = asksBind ? (await BindAsync()).Address : (await DnsAsync()).Address,
            NonceReject = nonceReject,
            ExternalAccounts = externalAccounts ?? new Dictionary<string, string>(),
        });

    /// <summary>A program that changes the records of pebble's DNS server as it is told by its arguments.</summary>
    internal async Task<string> HookAsync()
    {
        var hook = _folder["hook"];
        if (File.Exists(hook))
            return hook;
        var management = (await DnsAsync()).Management;
        await File.WriteAllTextAsync(hook, $$"""
            #!/bin/sh
            set -eu
            case $1 in
            present) curl -sf -d "{\"host\":\"$2\",\"value\":\"$3\"}" {{management}}/set-txt ;;
            cleanup) curl -sf -d "{\"host\":\"$2\"}" {{management}}/clear-txt ;;
            esac
            """);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return hook;
    }

    /// <summary>A web service that changes the records of pebble's DNS server, for who has its token.</summary>
    internal async Task<(string Url, string CaFile)> WebhookAsync()
    {
        var dns = await DnsAsync();
        _webhook ??= Keep(await HttpsServer.StartAsync(async context =>
        {
            if (context.Request.Headers.Authorization != $"Bearer {WebhookToken}")
            {
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                await context.Response.WriteAsync("who are you?");
                return;
            }

            var body = (await JsonDocument.ParseAsync(context.Request.Body)).RootElement;
            string Field(string name) => body.GetProperty(name).GetString()!;
            lock (WebhookCalls)
                WebhookCalls.Add($"{Field("action")} {Field("domain")} {Field("fqdn")}");
            if (Field("action") == "present")
                await dns.SetTxtAsync(Field("fqdn").TrimEnd('.'), Field("value"));
            else
                await dns.ClearTxtAsync(Field("fqdn").TrimEnd('.'));
        }));
        var file = _folder["webhook.crt"];
        await File.WriteAllTextAsync(file, _webhook.Ca);
        return ($"{_webhook.Url}/hook", file);
    }

    /// <summary>What the web service wants to be told.</summary>
    internal static string WebhookToken => "a-token-of-the-web-service";

    private T Keep<T>(T started)
        where T : IAsyncDisposable
    {
        _started.Add(started);
        return started;
    }
}
