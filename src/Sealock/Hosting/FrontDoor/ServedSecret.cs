// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;
using Sealock.Gateway;
using Sealock.Gateway.Listener;
using Sealock.Pki.Inspection;
using Sealock.Settings;

namespace Sealock.Hosting.FrontDoor;

/// <summary>
/// Serves what stands in a Secret of this server, and follows it. A Secret that cannot be served, or is deleted, leaves
/// the certificate before it in place; an event says so.
/// </summary>
internal sealed partial class ServedSecret
{
    private const int LongestReason = 900;
    private const string CertificateNameKey = "cert-manager.io/certificate-name";

    private static readonly ResourceType<TlsSecretView> Secrets = new("", "v1", "secrets", true, ServedSecretJson.Default.TlsSecretView);

    private readonly SecretName _name;
    private readonly ApiClient _client;
    private readonly Func<HandedCertificate, string?> _serve;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Informer<TlsSecretView> _informer;
    private volatile string? _absence;

    /// <param name="name">The Secret.</param>
    /// <param name="client">Acts as the server.</param>
    /// <param name="serve">As <see cref="GatewayServer.Serve"/>.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">The log.</param>
    public ServedSecret(SecretName name, ApiClient client, Func<HandedCertificate, string?> serve, TimeProvider clock, ILogger logger)
    {
        (_name, _client, _serve, _clock, _logger) = (name, client, serve, clock, logger);
        _absence = $"there is no Secret {name} yet, and the server's own certificate is served";
        _informer = new Informer<TlsSecretView>(
            client, Secrets, new InformerScope { Namespace = name.Namespace, FieldSelector = $"metadata.name={name.Name}" }, clock, logger);
        _informer.OnChange(Take);
    }

    /// <summary>What is served as the Secret is not there; null where it is.</summary>
    public string? Absence => _absence;

    /// <summary>Called after the Secret came or went; must not block.</summary>
    public event Action? Changed;

    /// <summary>Follows the Secret until cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _informer.RunAsync(cancellationToken);

    private void Take(ObjectChange<TlsSecretView> change)
    {
        if (change.New is not { } secret)
        {
            if (change.Old is not null)
            {
                LogDeleted(_name);
                _absence = $"the Secret {_name} was deleted, and what stood in it is served until the server ends";
                Changed?.Invoke();
            }

            return;
        }

        _absence = null;

        if (change.Old is { } old && SameData(old, secret))
            return;
        var refusal = _serve(secret.Read(_name));
        Changed?.Invoke();
        if (refusal is not null)
            LogRefused(_name, refusal);
        _ = TellAsync(secret.Metadata, refusal);
    }

    private static bool SameData(TlsSecretView one, TlsSecretView other) =>
        one.Data.Count == other.Data.Count && one.Data.All(pair => other.Data.GetValueOrDefault(pair.Key) == pair.Value);

    /// <summary>Says what became of it where people look: at the Certificate behind the Secret, or at the Secret.</summary>
    private async Task TellAsync(ObjectMetaView secret, string? refusal)
    {
        var certificate = secret.Annotations.GetValueOrDefault(CertificateNameKey);
        var time = ValidityText.Rfc3339(_clock.GetUtcNow());
        try
        {
            await _client.SendAsync("POST", $"/api/v1/namespaces/{_name.Namespace}/events", new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Event",
                ["metadata"] = new JsonObject { ["generateName"] = $"{_name.Name}.", ["namespace"] = _name.Namespace },
                ["involvedObject"] = certificate is null
                    ? new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["namespace"] = _name.Namespace, ["name"] = _name.Name, ["uid"] = secret.Uid }
                    : new JsonObject { ["apiVersion"] = "cert-manager.io/v1", ["kind"] = "Certificate", ["namespace"] = _name.Namespace, ["name"] = certificate },
                ["type"] = refusal is null ? "Normal" : "Warning",
                ["reason"] = refusal is null ? "Served" : "NotServed",
                ["message"] = refusal is null
                    ? "the server serves it from now on"
                    : $"the server goes on with the certificate before it: {(refusal.Length > LongestReason ? refusal[..LongestReason] : refusal)}",
                ["source"] = new JsonObject { ["component"] = "sealock" },
                ["firstTimestamp"] = time,
                ["lastTimestamp"] = time,
                ["count"] = 1,
            }, CancellationToken.None);
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException or OperationCanceledException)
        {
            LogNotTold(_name, fault.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the certificate in the Secret {Secret} is not served, the one before it goes on: {Reason}")]
    private partial void LogRefused(SecretName secret, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the Secret {Secret} with the serving certificate was deleted; what stood in it goes on being served until the server ends")]
    private partial void LogDeleted(SecretName secret);

    [LoggerMessage(Level = LogLevel.Debug, Message = "no event about the Secret {Secret} could be written: {Reason}")]
    private partial void LogNotTold(SecretName secret, string reason);
}

/// <summary>A Secret of type kubernetes.io/tls.</summary>
internal sealed record TlsSecretView : IObjectView
{
    [JsonPropertyName("metadata")]
    public ObjectMetaView Metadata { get => field ?? new(); init; }

    [JsonPropertyName("data")]
    public IReadOnlyDictionary<string, string> Data { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>Reads certificate, key and CA.</summary>
    public HandedCertificate Read(SecretName name)
    {
        var (chain, key) = (Text("tls.crt"), Text("tls.key"));
        return new HandedCertificate(chain ?? "", key ?? "", Text("ca.crt") ?? "")
        {
            Origin = $"Secret {name}",
            Place = [("secret_namespace", name.Namespace), ("secret_name", name.Name), ("secret_key", "tls.crt")],
            Fault = chain is null ? "it has no tls.crt" : key is null ? "it has no tls.key" : "",
        };
    }

    private string? Text(string key)
    {
        if (!Data.TryGetValue(key, out var encoded) || encoded.Length == 0)
            return null;
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) && length > 0 ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }
}

[JsonSerializable(typeof(TlsSecretView))]
internal sealed partial class ServedSecretJson : JsonSerializerContext;
