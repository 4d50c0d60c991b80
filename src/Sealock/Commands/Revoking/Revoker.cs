// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Revocation.Definitions;

namespace Sealock.Commands.Revoking;

/// <summary>
/// Revokes and releases over the API. Doing so again changes nothing and says so. Every answer is one line.
/// </summary>
internal sealed class Revoker(ApiClient client)
{
    private static readonly ResourceType<JsonObject> Revocations = new(
        RevocationDefinitions.Group, "v1", RevocationDefinitions.Certificates, false, CsrJson.Default.JsonObject);

    /// <summary>Revokes a certificate, or makes a hold final.</summary>
    /// <param name="target">The certificate.</param>
    /// <param name="reason">Why; null where nothing was said.</param>
    /// <param name="note">What is worth knowing; null leaves that as it is.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CommandException">It is revoked for another reason already.</exception>
    public async Task<string> RevokeAsync(RevokedTarget target, string? reason, string? note, CancellationToken cancellationToken)
    {
        var name = NameOf(target);
        try
        {
            var created = await client.CreateAsync(Revocations, "", Object(target, reason, note), cancellationToken);
            return $"revoked {target.Description}: {Text(created, "reason")}, certificaterevocation/{name}";
        }
        catch (ApiException there) when (there.Reason == "AlreadyExists")
        {
        }

        var present = await client.FindAsync(Revocations, "", name, cancellationToken)
            ?? throw new CommandException($"{target.Description} was released at the same moment; please try again");
        var (before, since) = (Text(present, "reason"), Text(present, "revokedAt"));
        var change = new JsonObject();
        if (reason is not null && reason != before)
        {
            if (before != RevocationDefinitions.Hold)
                throw new CommandException($"{target.Description} is revoked since {since} for good ({before}); the reason stays");
            change["reason"] = reason;
        }

        if (note is not null && note != Text(present, "note"))
            change["note"] = note;
        if (change.Count == 0)
            return $"{target.Description} is revoked already: {before}, since {since}";
        var patch = new JsonObject { ["metadata"] = Version(present), ["spec"] = change };
        var changed = await client.PatchAsync(Revocations, "", name, patch, cancellationToken: cancellationToken);
        return $"changed the revocation of {target.Description}: {Text(changed, "reason")}, since {since}";
    }

    /// <summary>Releases a certificate that is on hold.</summary>
    /// <exception cref="CommandException">It is revoked for good.</exception>
    public async Task<string> ReleaseAsync(RevokedTarget target, CancellationToken cancellationToken)
    {
        var name = NameOf(target);
        if (await client.FindAsync(Revocations, "", name, cancellationToken) is not { } present)
            return $"{target.Description} is not revoked";
        if (Text(present, "reason") is var reason && reason != RevocationDefinitions.Hold)
        {
            throw new CommandException(
                $"{target.Description} is revoked for good ({reason}); only a hold ({RevocationDefinitions.Hold}) can be released");
        }

        var metadata = present["metadata"] as JsonObject ?? [];
        await client.DeleteAsync(
            Revocations, "", name,
            new DeletePreconditions
            {
                Uid = metadata["uid"]?.GetValue<string>() ?? "",
                ResourceVersion = metadata["resourceVersion"]?.GetValue<string>() ?? "",
            },
            cancellationToken);
        return $"released {target.Description}; it is good again";
    }

    /// <summary>Everything that is revoked, oldest first.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(CancellationToken cancellationToken)
    {
        var list = await client.ListAsync(Revocations, "", null, cancellationToken);
        return [.. list.Items.OrderBy(item => Text(item, "revokedAt"), StringComparer.Ordinal)];
    }

    /// <summary>A text of the spec; empty where there is none.</summary>
    public static string Text(JsonObject revocation, string field) =>
        revocation["spec"]?[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static string NameOf(RevokedTarget target) => RevocationDefinitions.NameOf(target.KeyId, target.SerialNumber);

    private static JsonObject Version(JsonObject present) => new()
    {
        ["uid"] = present["metadata"]?["uid"]?.DeepClone(),
        ["resourceVersion"] = present["metadata"]?["resourceVersion"]?.DeepClone(),
    };

    private static JsonObject Object(RevokedTarget target, string? reason, string? note)
    {
        var spec = new JsonObject
        {
            ["authority"] = new JsonObject { ["keyId"] = target.KeyId, ["subject"] = target.Authority },
            ["serialNumber"] = RevocationDefinitions.TextOf(target.SerialNumber),
            ["reason"] = reason ?? "unspecified",
        };
        if (target.Subject is { } subject)
            spec["subject"] = subject;
        if (target.NotAfter is { } end)
            spec["notAfter"] = end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (note is not null)
            spec["note"] = note;
        return new JsonObject
        {
            ["apiVersion"] = RevocationDefinitions.Group + "/v1",
            ["kind"] = "CertificateRevocation",
            ["metadata"] = new JsonObject { ["name"] = NameOf(target) },
            ["spec"] = spec,
        };
    }
}
