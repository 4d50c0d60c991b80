// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Gateway;
using Sealock.Gateway.Setup;
using Sealock.Hosting.Telemetry;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;

namespace Sealock.Hosting.FrontDoor;

/// <summary>
/// Writes into the status of the set-up whether the certificate that is to be served was accepted, and whether it was seen
/// served. Before the set-up there is no object to write into; metrics and the log tell the same.
/// </summary>
internal sealed partial class ServingConditions
{
    private const int LongestMessage = 1000;
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(5);

    private readonly SetupState _state;
    private readonly GatewayServer _gateway;
    private readonly ServingProof _proof;
    private readonly ServedSecret? _secret;
    private readonly string _origin;
    private readonly ApiClient _client;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <param name="state">The set-up.</param>
    /// <param name="gateway">What serves; it listens already.</param>
    /// <param name="proof">Looks at what is served.</param>
    /// <param name="secret">The Secret that is followed; null where there is none.</param>
    /// <param name="origin">Where the certificate is from, in words.</param>
    /// <param name="client">Acts as the server.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">The log.</param>
    public ServingConditions(
        SetupState state, GatewayServer gateway, ServingProof proof, ServedSecret? secret, string origin, ApiClient client,
        TimeProvider clock, ILogger logger)
    {
        (_state, _gateway, _proof, _secret, _origin, _client, _clock, _logger) = (state, gateway, proof, secret, origin, client, clock, logger);
        // What was taken over, and what is to be served after a set-up or a move, is told once it was looked at.
        gateway.CertificatesRefused += Look;
        proof.Looked += Look;
        if (secret is not null)
            secret.Changed += Look;
        Look();
    }

    /// <summary>Writes what has changed, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in _asked.Reader.ReadAllAsync(cancellationToken))
            {
                while (!await TryWriteAsync(cancellationToken))
                    await Task.Delay(TryAgainAfter, _clock, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    /// <summary>Whether the certificate that is to be served is in place.</summary>
    /// <param name="absence">That there is none where it is to come from; null: there is.</param>
    /// <param name="refusal">Why it was refused; null: it was not.</param>
    /// <param name="fault">What is wrong with the one that is served; null: nothing.</param>
    /// <param name="served">The one that is served.</param>
    /// <param name="origin">Where it is from.</param>
    internal static ServingCondition Acceptance(string? absence, string? refusal, string? fault, Certificate served, string origin) =>
        absence is not null ? new(ServerSetupDefinition.Accepted, "False", "NoSecret", Bound(absence))
        : refusal is not null ? new(ServerSetupDefinition.Accepted, "False", "Refused", Bound($"the certificate before it goes on: {refusal}"))
        : fault is not null ? new(ServerSetupDefinition.Accepted, "False", "Faulty", Bound($"it is served, since there is no better one: {fault}"))
        : new(ServerSetupDefinition.Accepted, "True", "Accepted", Bound($"{Describe(served)}, from {origin}"));

    /// <summary>Whether handshakes showed what is to be served; null where none has been made yet.</summary>
    internal static ServingCondition? Proven(IReadOnlyDictionary<ProofQuestion, ProofResult> results)
    {
        string Tell(Proof proof, Func<ProofResult, string> what) => Bound(string.Join("; ", results
            .Where(one => one.Value.Proof == proof)
            .GroupBy(one => what(one.Value), one => one.Key.ToString(), StringComparer.Ordinal)
            .Select(group => $"{string.Join(", ", group.Order(StringComparer.Ordinal))}: {group.Key}")
            .Order(StringComparer.Ordinal)));
        return results.Count == 0 ? null
            : results.Values.Any(result => result.Proof == Proof.Other)
                ? new(ServerSetupDefinition.Served, "False", "RenewedButNotServed", Tell(Proof.Other, result => $"shows {result.Why} and not {Describe(result.Certificate)}"))
            : results.Values.Any(result => result.Proof == Proof.Unknown)
                ? new(ServerSetupDefinition.Served, "Unknown", "NoHandshake", Tell(Proof.Unknown, result => result.Why))
            : new(ServerSetupDefinition.Served, "True", "SeenServed", Tell(Proof.Served, result => Describe(result.Certificate)));
    }

    /// <summary>The conditions of an object after those given took the place of what they were; null where nothing changes.</summary>
    internal static JsonArray? Merge(JsonArray? before, IEnumerable<ServingCondition> conditions, DateTimeOffset now)
    {
        var merged = before?.DeepClone().AsArray() ?? [];
        var changed = false;
        foreach (var condition in conditions)
        {
            var old = merged.OfType<JsonObject>().FirstOrDefault(one => Text(one, "type") == condition.Type);
            if (old is not null && Text(old, "status") == condition.Status && Text(old, "reason") == condition.Reason && Text(old, "message") == condition.Message)
                continue;
            changed = true;
            var since = old is not null && Text(old, "status") == condition.Status ? Text(old, "lastTransitionTime") : "";
            if (old is not null)
                merged.Remove(old);
            merged.Add((JsonNode)new JsonObject
            {
                ["type"] = condition.Type,
                ["status"] = condition.Status,
                ["reason"] = condition.Reason,
                ["message"] = condition.Message,
                ["lastTransitionTime"] = since.Length > 0 ? since : ValidityText.Rfc3339(now),
            });
        }

        return changed ? [.. merged.OrderBy(one => Text(one as JsonObject, "type"), StringComparer.Ordinal).Select(one => one?.DeepClone())] : null;
    }

    private static string Describe(Certificate certificate) => string.Create(
        CultureInfo.InvariantCulture, $"{certificate.Subject}, valid until {certificate.NotAfter:u}, SHA-256 {certificate.Sha256Hex}");

    private static string Bound(string message) => message.Length > LongestMessage ? message[..LongestMessage] : message;

    private static string Text(JsonObject? parent, string field) =>
        parent?[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private void Look() => _asked.Writer.TryWrite(true);

    private async Task<bool> TryWriteAsync(CancellationToken cancellationToken)
    {
        if (_state.Current is null)
            return true;
        try
        {
            var setup = JsonNode.Parse((await _client.SendAsync("GET", ServerSetupDefinition.ObjectPath, null, cancellationToken)).Span)!.AsObject();
            if (Merge((setup["status"] as JsonObject)?["conditions"] as JsonArray, Conditions(), _clock.GetUtcNow()) is not { } conditions)
                return true;
            setup["status"] = new JsonObject { ["conditions"] = conditions };
            await _client.SendAsync("PUT", ServerSetupDefinition.ObjectPath + "/status", setup, cancellationToken);
            return true;
        }
        catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException)
        {
            LogNotWritten(fault.Message);
            return false;
        }
    }

    private IEnumerable<ServingCondition> Conditions()
    {
        yield return Acceptance(_secret?.Absence, _gateway.ServingRefusal, _gateway.ServingFault, _gateway.DefaultCertificate, _origin);
        if (Proven(_proof.Results) is { } proven)
            yield return proven;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "what is served could not be written into the status of the set-up and will be tried again: {Reason}")]
    private partial void LogNotWritten(string reason);
}

/// <summary>A condition of the set-up.</summary>
internal sealed record ServingCondition(string Type, string Status, string Reason, string Message);
