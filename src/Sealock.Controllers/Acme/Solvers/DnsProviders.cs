// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using Sealock.Acme.Client;
using Sealock.Acme.Dns;
using Sealock.Acme.Solvers;
using Sealock.Api.Client;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Paths;

namespace Sealock.Controllers.Acme.Solvers;

/// <summary>Makes what changes DNS records, out of a solver's settings and the Secrets that they name.</summary>
internal sealed class DnsProviders(ApiClient client, AcmeOptions options, DnsResolver resolver, TimeProvider time)
{
    private const string Exec = "exec";
    private const int DnsPort = 53;

    // One for all, which runs its program once at a time.
    private readonly ExecProvider _exec = new(options.DnsHook, time);

    /// <summary>Why nobody here changes records that way, with the remedy; null where somebody does.</summary>
    public static string? Refuse(DnsSolverView dns, AcmeOptions options) => dns switch
    {
        { Rfc2136: not null } => null,
        { Webhook: { SolverName: Exec } webhook } when ConfigOf(webhook).Url.Length == 0 => options.DnsHook.Length > 0 ? null
            : "the dns01 solver 'exec' runs a program that only the command line can name (--acme-dns01-hook): name one, or use rfc2136",
        { Webhook: { } webhook } when ConfigOf(webhook).Url.Length == 0 && !options.IsServer => ClusterWebhookProvider.Refuse(webhook),
        { Webhook: { } webhook } => Uri.TryCreate(ConfigOf(webhook).Url, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps ? null
            : "the dns01 webhook has no config.url: put the HTTPS URL of a service there that takes "
                + "{\"action\": \"present\" or \"cleanup\", \"domain\", \"fqdn\", \"value\"} by POST",
        { Others: { Count: > 0 } others } =>
            $"the dns01 provider {others.Keys.First()} is not spoken here: use rfc2136 (dynamic updates), or a webhook (config.url) in front of it",
        _ => "the dns01 solver names no provider: use rfc2136 or webhook",
    };

    /// <summary>The provider; null, with the problem, where its settings cannot be used now. The second disposes it.</summary>
    public async ValueTask<(IDnsProvider? Provider, IDisposable? Owner, string Problem)> MakeAsync(
        DnsSolverView dns, string secretNamespace, CancellationToken cancellationToken)
    {
        if (dns.Rfc2136 is { } update)
        {
            var (provider, problem) = await UpdateAsync(update, secretNamespace, cancellationToken);
            return (provider, null, problem);
        }

        if (dns.Webhook is not { } webhook)
            return (null, null, Refuse(dns, options) ?? "");
        var config = ConfigOf(webhook);
        if (config.Url.Length > 0)
            return await WebhookAsync(config, secretNamespace, cancellationToken);
        return webhook.SolverName == Exec
            ? (_exec, null, "")
            : (new ClusterWebhookProvider(client, webhook, secretNamespace, new DnsZones(resolver).FindAsync), null, "");
    }

    private async ValueTask<(IDnsProvider? Provider, string Problem)> UpdateAsync(
        UpdateSolverView update, string secretNamespace, CancellationToken cancellationToken)
    {
        var (server, unknown) = await ServerAsync(update.Nameserver, cancellationToken);
        if (server is null)
            return (null, unknown);
        if (update.TsigKeyName.Length == 0)
            return (new Rfc2136Provider(server, null, time), "");
        var (secret, missing) = await SecretAsync(update.TsigSecretSecretRef, secretNamespace, "TSIG key", cancellationToken);
        if (secret is null)
            return (null, missing);
        try
        {
            var algorithm = update.TsigAlgorithm.Length > 0 ? update.TsigAlgorithm : "HMACMD5";
            return (new Rfc2136Provider(server, new TsigKey(update.TsigKeyName, algorithm, secret), time), "");
        }
        catch (DnsFormatException fault)
        {
            return (null, $"the TSIG key cannot be used: {fault.Message}");
        }
    }

    private async ValueTask<(IPEndPoint? Server, string Problem)> ServerAsync(string text, CancellationToken cancellationToken)
    {
        if (DnsResolver.TryParseServer(text, out var server))
            return (server, "");
        var colon = text.LastIndexOf(':');
        var (host, port) = colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var number) ? (text[..colon], number) : (text, DnsPort);
        var addresses = await resolver.AddressesAsync(host, cancellationToken);
        return addresses.Count > 0 ? (new IPEndPoint(addresses[0], port), "") : (null, $"the nameserver {host} has no address");
    }

    private async ValueTask<(IDnsProvider? Provider, IDisposable? Owner, string Problem)> WebhookAsync(
        WebhookConfigView config, string secretNamespace, CancellationToken cancellationToken)
    {
        string? token = null;
        if (config.TokenSecretRef is { Name.Length: > 0 } reference)
        {
            (token, var missing) = await SecretAsync(reference, secretNamespace, "webhook's token", cancellationToken);
            if (token is null)
                return (null, null, missing);
        }

        try
        {
            var pool = config.CaBundle.Length > 0 ? TrustPool.FromPem(Encoding.UTF8.GetString(config.CaBundle)) : null;
            var http = new HttpClient(AcmeHttp.CreateHandler(pool is null ? options.Trust : () => pool, time));
            return (new WebhookProvider(new Uri(config.Url), http, time, token is null ? null : () => token), http, "");
        }
        catch (PkiFormatException fault)
        {
            return (null, null, $"the webhook's caBundle cannot be read: {fault.Message}");
        }
    }

    private async ValueTask<(string? Text, string Problem)> SecretAsync(
        SecretKeyReferenceView? reference, string @namespace, string what, CancellationToken cancellationToken)
    {
        if (reference is not { Name.Length: > 0 })
            return (null, $"no Secret is named for the {what}");
        var secret = await client.FindAsync(ResourceTypes.Secrets, @namespace, reference.Name, cancellationToken);
        return secret?.Data.GetValueOrDefault(reference.Key) is { Length: > 0 } bytes
            ? (Encoding.UTF8.GetString(bytes).Trim(), "")
            : (null, $"the Secret {@namespace}/{reference.Name} with the {what} is not there, or has no entry '{reference.Key}'");
    }

    private static WebhookConfigView ConfigOf(WebhookSolverView webhook) =>
        webhook.Config is { } config && AcmeIssuerView.Read(config, AcmeJson.Default.WebhookConfigView) is { } view ? view : new();
}
