// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving;

/// <summary>What a deletion is to do (meta/v1 DeleteOptions).</summary>
internal sealed record DeleteOptions
{
    /// <summary>Uid that the object must have; empty: any.</summary>
    public string Uid { get; init; } = "";

    /// <summary>Resource version that the object must have; empty: any.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary><c>Orphan</c>, <c>Background</c>, <c>Foreground</c> or empty.</summary>
    public string PropagationPolicy { get; init; } = "";

    /// <summary>The older form of the propagation policy.</summary>
    public bool? OrphanDependents { get; init; }

    /// <summary>Seconds the object has to end; null: its own default.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Whether nothing is deleted in the end.</summary>
    public bool DryRun { get; init; }

    /// <summary>Reads the body or, without one, the query.</summary>
    /// <exception cref="ApiException">400 or 422.</exception>
    public static DeleteOptions Read(ApiRequest request)
    {
        var errors = new List<FieldError>();
        var body = BodyReader.ReadDeleteOptions(request);
        var query = request.Query;
        var options = body is null
            ? new DeleteOptions
            {
                PropagationPolicy = query["propagationPolicy"],
                OrphanDependents = query.Has("orphanDependents") ? query.IsTrue("orphanDependents") : null,
                GracePeriodSeconds = Seconds(query["gracePeriodSeconds"]),
                DryRun = WriteOptions.ReadDryRun(query.All("dryRun"), errors),
            }
            : new DeleteOptions
            {
                Uid = body.Map("preconditions").Text("uid"),
                ResourceVersion = body.Map("preconditions").Text("resourceVersion"),
                PropagationPolicy = body.Text("propagationPolicy"),
                OrphanDependents = body.Has("orphanDependents") ? body.IsTrue("orphanDependents") : null,
                GracePeriodSeconds = body.Number("gracePeriodSeconds"),
                DryRun = WriteOptions.ReadDryRun(
                    body.Texts("dryRun").Concat(query.All("dryRun")), errors),
            };
        if (options.OrphanDependents is not null && options.PropagationPolicy.Length > 0)
        {
            errors.Add(FieldError.Invalid(
                "propagationPolicy",
                GoText.Quote(options.PropagationPolicy),
                "orphanDependents and deletionPropagation cannot be both set"));
        }

        if (options.PropagationPolicy is not ("" or "Foreground" or "Background" or "Orphan"))
        {
            errors.Add(FieldError.NotSupported(
                "propagationPolicy",
                GoText.Quote(options.PropagationPolicy),
                ["Foreground", "Background", "Orphan", "nil"]));
        }

        return errors.Count == 0 ? options : throw FieldError.ToException("meta.k8s.io", "DeleteOptions", "", errors);
    }

    private static long? Seconds(string text)
    {
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : throw ApiException.BadRequest($"strconv.ParseInt: parsing {GoText.Quote(text)}: invalid syntax");
    }
}

/// <summary>The decisions of a deletion, as functions of the object's state.</summary>
internal static class Deletion
{
    private const string Orphan = "orphan";
    private const string Foreground = "foregroundDeletion";

    /// <summary>Refuses where a precondition does not hold.</summary>
    /// <exception cref="ApiException">409.</exception>
    public static void CheckPreconditions(ResourceDefinition definition, CacheEntry state, DeleteOptions options)
    {
        if (options.Uid.Length > 0 && options.Uid != state.Uid)
        {
            throw ApiException.Conflict(
                definition.Group,
                definition.Kind,
                state.Name,
                $"the UID in the precondition ({options.Uid}) does not match the UID in record ({state.Uid}). The "
                    + "object might have been deleted and then recreated");
        }

        var version = state.Revision.ToString(CultureInfo.InvariantCulture);
        if (options.ResourceVersion.Length > 0 && options.ResourceVersion != version)
        {
            throw ApiException.Conflict(
                definition.Group,
                definition.Kind,
                state.Name,
                $"the ResourceVersion in the precondition ({options.ResourceVersion}) does not match the "
                    + $"ResourceVersion in record ({version}). The object might have been modified");
        }
    }

    /// <summary>The finalizers that an object waits for once its deletion is asked for.</summary>
    public static List<string> FinalizersAfter(IReadOnlyList<string> finalizers, DeleteOptions options)
    {
        List<string> kept = [.. finalizers.Where(finalizer => finalizer is not (Orphan or Foreground))];
        var orphans = options.OrphanDependents ?? (options.PropagationPolicy.Length > 0
            ? options.PropagationPolicy == "Orphan"
            : finalizers.Contains(Orphan));
        var foreground = options.OrphanDependents is null && (options.PropagationPolicy.Length > 0
            ? options.PropagationPolicy == "Foreground"
            : finalizers.Contains(Foreground));
        if (orphans)
            kept.Add(Orphan);
        if (foreground)
            kept.Add(Foreground);
        return kept;
    }

    /// <summary>Marks an object as being deleted; what is marked already stays as it is.</summary>
    /// <param name="metadata">The object's metadata.</param>
    /// <param name="now">The time.</param>
    /// <param name="byKind">Whether its kind makes it wait, and so decides on the grace period itself.</param>
    public static void Mark(JsonObject metadata, DateTimeOffset now, bool byKind)
    {
        if (metadata["deletionTimestamp"] is not null)
            return;
        metadata["deletionTimestamp"] = ObjectRules.Timestamp(now);
        if (!byKind)
            metadata["deletionGracePeriodSeconds"] ??= 0;
        if (metadata.Number("generation") is > 0 and var generation)
            metadata["generation"] = generation + 1;
    }

    /// <summary>Whether an object that is being deleted has nothing left to wait for.</summary>
    public static bool IsFinished(ResourceDefinition definition, JsonObject @object)
    {
        var metadata = ObjectRules.Metadata(@object);
        return metadata.Text("deletionTimestamp").Length > 0
            && !metadata.Items("finalizers").Any()
            && metadata.Number("deletionGracePeriodSeconds") is not > 0
            && definition.MayVanish?.Invoke(@object) != false;
    }
}
