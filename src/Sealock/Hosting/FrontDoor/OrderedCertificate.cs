// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Settings;

namespace Sealock.Hosting.FrontDoor;

/// <summary>
/// Declares the serving certificate of the mode acme: an Issuer and a Certificate for the host names. The loops of issuance
/// do the rest, by challenges that this server's own listeners answer.
/// </summary>
internal sealed partial class OrderedCertificate(
    ServerSettings settings, SecretName secret, ApiClient client, Func<IReadOnlyList<string>> names, TimeProvider clock, ILogger logger)
{
    private const string Name = "sealock-serving";
    private const string KeySecret = Name + "-eab";
    private const string KeyEntry = "secret";
    private const string CertManager = "/apis/cert-manager.io/v1/namespaces/";
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(15);

    private readonly Channel<bool> _changed =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>The names may have changed.</summary>
    public void Look() => _changed.Writer.TryWrite(true);

    /// <summary>Declares it, and again whenever the names change, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                while (!await TryDeclareAsync(cancellationToken))
                    await Task.Delay(TryAgain, clock, cancellationToken);
                await _changed.Reader.ReadAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private async Task<bool> TryDeclareAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (names() is { Count: > 0 } wanted)
                await DeclareAsync(wanted, cancellationToken);
            else
                LogNoName();
            return true;
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException or UnauthorizedAccessException)
        {
            LogFailed(fault.Message);
            return false;
        }
    }

    private async Task DeclareAsync(IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        await EnsureNamespaceAsync(cancellationToken);
        if (settings.Acme.ExternalKeyFile is { } file)
            await PutKeyAsync(await File.ReadAllTextAsync(file, cancellationToken), cancellationToken);
        await PutAsync("issuers", "Issuer", Issuer(), cancellationToken);
        await PutAsync("certificates", "Certificate", Certificate(wanted), cancellationToken);
        var names = string.Join(", ", wanted);
        LogDeclared(names, secret);
    }

    private JsonObject Issuer()
    {
        var acme = new JsonObject
        {
            ["server"] = settings.Acme.Server,
            ["privateKeySecretRef"] = new JsonObject { ["name"] = Name + "-account" },
            ["solvers"] = new JsonArray(settings.Acme.OverHttp
                ? new JsonObject { ["http01"] = new JsonObject { ["ingress"] = new JsonObject() } }
                : new JsonObject { ["tlsALPN01"] = new JsonObject() }),
        };
        if (settings.Acme.Email.Length > 0)
            acme["email"] = settings.Acme.Email;
        if (settings.Acme.CaFile is { } file)
            acme["caBundle"] = Convert.ToBase64String(File.ReadAllBytes(file));
        if (settings.Acme.ExternalKeyId is { } keyId)
        {
            acme["externalAccountBinding"] = new JsonObject
            {
                ["keyID"] = keyId,
                ["keySecretRef"] = new JsonObject { ["name"] = KeySecret, ["key"] = KeyEntry },
            };
        }

        return new JsonObject { ["acme"] = acme };
    }

    private JsonObject Certificate(IReadOnlyList<string> wanted)
    {
        var addresses = wanted.Where(name => IPAddress.TryParse(name, out _)).ToList();
        var spec = new JsonObject
        {
            ["secretName"] = secret.Name,
            ["dnsNames"] = Texts(wanted.Except(addresses)),
            ["issuerRef"] = new JsonObject { ["kind"] = "Issuer", ["name"] = Name },
            ["privateKey"] = new JsonObject { ["algorithm"] = "ECDSA", ["size"] = 256, ["rotationPolicy"] = "Always" },
        };
        if (addresses.Count > 0)
            spec["ipAddresses"] = Texts(addresses);
        return spec;
    }

    /// <summary>Makes an object, or gives it this spec.</summary>
    private Task PutAsync(string plural, string kind, JsonObject spec, CancellationToken cancellationToken) => PutAsync(
        $"{CertManager}{secret.Namespace}/{plural}", "spec", Name,
        new JsonObject { ["apiVersion"] = "cert-manager.io/v1", ["kind"] = kind, ["spec"] = spec }, cancellationToken);

    /// <summary>The key of the external account, where the Issuer looks for it.</summary>
    private Task PutKeyAsync(string key, CancellationToken cancellationToken) => PutAsync(
        $"/api/v1/namespaces/{secret.Namespace}/secrets", "data", KeySecret,
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["data"] = new JsonObject { [KeyEntry] = Convert.ToBase64String(Encoding.UTF8.GetBytes(key.Trim())) },
        },
        cancellationToken);

    /// <summary>Makes an object, or changes this field of it.</summary>
    private async Task PutAsync(string path, string field, string name, JsonObject body, CancellationToken cancellationToken)
    {
        body["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = secret.Namespace };
        try
        {
            await client.SendAsync("POST", path, body, cancellationToken);
        }
        catch (ApiException there) when (there.Reason == "AlreadyExists")
        {
            var present = JsonNode.Parse((await client.SendAsync("GET", $"{path}/{name}", null, cancellationToken)).Span)!.AsObject();
            present[field] = body[field]?.DeepClone();
            await client.SendAsync("PUT", $"{path}/{name}", present, cancellationToken);
        }
    }

    private async Task EnsureNamespaceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await client.SendAsync("POST", "/api/v1/namespaces", new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject { ["name"] = secret.Namespace },
            }, cancellationToken);
        }
        catch (ApiException there) when (there.Reason == "AlreadyExists")
        {
            // As it should be.
        }
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    [LoggerMessage(Level = LogLevel.Information, Message = "the serving certificate for {Names} is ordered; it will stand in the Secret {Secret}")]
    private partial void LogDeclared(string names, SecretName secret);

    [LoggerMessage(Level = LogLevel.Information, Message = "no serving certificate is ordered yet, since the host name is not known: sealock setup --hostname NAME, or --hostname NAME")]
    private partial void LogNoName();

    [LoggerMessage(Level = LogLevel.Warning, Message = "the serving certificate could not be declared and will be tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
