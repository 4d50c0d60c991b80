// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions;

/// <summary>The rules on <c>metadata</c> that hold for every kind, as kube-apiserver checks them.</summary>
public static class MetadataRules
{
    /// <summary>The most bytes in all keys and values of an object's annotations.</summary>
    public const int MaxAnnotationBytes = 256 * 1024;

    private static readonly FieldPath Path = new("metadata");

    /// <summary>What is wrong with an object's metadata; on an update (<paramref name="old"/>) also with the change.</summary>
    /// <param name="value">The object as it is to be stored; its name has been generated.</param>
    /// <param name="old">The stored object, or null on creation.</param>
    /// <param name="definition">Scope and name rule of the resource.</param>
    public static IEnumerable<FieldError> Check(JsonObject value, JsonObject? old, ResourceDefinition definition)
    {
        var metadata = value.Map("metadata") ?? [];
        var change = old is null ? [] : CheckChange(metadata, old.Map("metadata") ?? []);
        var nameRule = definition.ValidateName ?? NameRules.DnsSubdomain;
        return
        [
            .. change,
            .. CheckNames(metadata, nameRule, definition.Scope is ResourceScope.Namespaced),
            .. CheckGeneration(metadata),
            .. CheckLabels(metadata.Map("labels"), Path.Child("labels")),
            .. CheckAnnotations(metadata.Map("annotations")),
            .. CheckOwners(metadata),
            .. CheckFinalizers([.. metadata.Texts("finalizers")]),
        ];
    }

    /// <summary>What is wrong with a map of labels.</summary>
    public static IEnumerable<FieldError> CheckLabels(JsonObject? labels, FieldPath path)
    {
        foreach (var (key, value) in labels ?? [])
        {
            foreach (var wrong in NameRules.LabelKey(key))
            {
                yield return path.Invalid(key, wrong);
            }

            foreach (var wrong in NameRules.LabelValue(value.AsText()))
            {
                yield return path.Invalid(value.AsText(), wrong);
            }
        }
    }

    /// <summary>What is wrong with the name of a finalizer.</summary>
    public static IEnumerable<FieldError> CheckFinalizer(string name, FieldPath path)
    {
        foreach (var wrong in NameRules.LabelKey(name))
        {
            yield return path.Invalid(name, wrong);
        }
    }

    /// <summary>What is wrong with a finalizer that is neither qualified nor one of Kubernetes' own.</summary>
    public static IEnumerable<FieldError> CheckFinalizerIsQualified(string name, FieldPath path) =>
        name.Contains('/', StringComparison.Ordinal) || name is "kubernetes" or "orphan" or "foregroundDeletion"
            ? [] : [path.Invalid(name, "name is neither a standard finalizer name nor is it fully qualified")];

    private static IEnumerable<FieldError> CheckChange(JsonObject metadata, JsonObject old)
    {
        if (old.Has("deletionTimestamp"))
        {
            var added = metadata.Texts("finalizers").Except(old.Texts("finalizers"), StringComparer.Ordinal)
                .Order(StringComparer.Ordinal).ToList();
            if (added.Count > 0)
            {
                yield return Path.Child("finalizers").Forbidden("no new finalizers can be added if the object is being "
                    + $"deleted, found new finalizers []string{{{string.Join(", ", added.Select(GoText.Quote))}}}");
            }
        }

        if ((metadata.Number("generation") ?? 0) < (old.Number("generation") ?? 0))
        {
            yield return Path.Child("generation").Invalid(metadata.Number("generation") ?? 0, "must not be decremented");
        }

        foreach (var field in (string[])["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            if (!JsonNode.DeepEquals(metadata[field], old[field]))
            {
                yield return Path.Child(field).Invalid(metadata[field], "field is immutable");
            }
        }
    }

    private static IEnumerable<FieldError> CheckNames(
        JsonObject metadata, Func<string, IEnumerable<string>> nameRule, bool namespaced)
    {
        var (prefix, name, space) = (metadata.Text("generateName"), metadata.Text("name"), metadata.Text("namespace"));
        if (prefix.Length > 0)
        {
            // A trailing dash is fine, since something will follow it.
            var masked = prefix.EndsWith('-') && prefix.Length > 1 ? prefix[..^2] + "a" : prefix;
            foreach (var wrong in nameRule(masked))
            {
                yield return Path.Child("generateName").Invalid(prefix, wrong);
            }
        }

        if (name.Length == 0)
        {
            yield return Path.Child("name").Required("name or generateName is required");
        }

        foreach (var wrong in name.Length == 0 ? [] : nameRule(name))
        {
            yield return Path.Child("name").Invalid(name, wrong);
        }

        if (!namespaced && space.Length > 0)
        {
            yield return Path.Child("namespace").Forbidden("not allowed on this type");
        }

        if (namespaced && space.Length == 0)
        {
            yield return Path.Child("namespace").Required();
        }

        foreach (var wrong in namespaced && space.Length > 0 ? NameRules.DnsLabel(space) : [])
        {
            yield return Path.Child("namespace").Invalid(space, wrong);
        }
    }

    private static IEnumerable<FieldError> CheckGeneration(JsonObject metadata) => metadata.Number("generation") is < 0 and var generation
        ? [Path.Child("generation").Invalid(generation, "must be greater than or equal to 0")] : [];

    private static IEnumerable<FieldError> CheckAnnotations(JsonObject? annotations)
    {
        long bytes = 0;
        foreach (var (key, value) in annotations ?? [])
        {
            foreach (var wrong in NameRules.LabelKey(key.ToLowerInvariant()))
            {
                yield return Path.Child("annotations").Invalid(key, wrong);
            }

            bytes += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.AsText());
        }

        if (bytes > MaxAnnotationBytes)
        {
            yield return Path.Child("annotations").TooLong(MaxAnnotationBytes);
        }
    }

    private static IEnumerable<FieldError> CheckOwners(JsonObject metadata)
    {
        var path = Path.Child("ownerReferences");
        string? controller = null;
        foreach (var owner in metadata.Items("ownerReferences"))
        {
            // "apps/" has no version, "v1" has.
            var apiVersion = owner.Text("apiVersion");
            if (apiVersion[(apiVersion.LastIndexOf('/') + 1)..].Length == 0)
            {
                yield return path.Child("apiVersion").Invalid(apiVersion, "version must not be empty");
            }

            foreach (var field in (string[])["kind", "name", "uid"])
            {
                if (owner.Text(field).Length == 0)
                {
                    yield return path.Child(field).Invalid("", field + " must not be empty");
                }
            }

            if (apiVersion == "v1" && owner.Text("kind") == "Event")
            {
                yield return path.Invalid(owner, "/v1, Kind=Event is disallowed from being an owner");
            }

            if (owner.IsTrue("controller"))
            {
                if (controller is not null)
                {
                    yield return path.Invalid(metadata["ownerReferences"], "Only one reference can have Controller set to "
                        + $"true. Found \"true\" in references for {controller} and {owner.Text("name")}");
                }

                controller ??= owner.Text("name");
            }
        }
    }

    private static IEnumerable<FieldError> CheckFinalizers(List<string> finalizers)
    {
        var path = Path.Child("finalizers");
        if (finalizers.Contains("orphan") && finalizers.Contains("foregroundDeletion"))
        {
            yield return path.Invalid(
                new JsonArray([.. finalizers.Select(f => (JsonNode?)JsonValue.Create(f))]),
                "finalizer orphan and foregroundDeletion cannot be both set");
        }

        foreach (var (index, finalizer) in finalizers.Index())
        {
            foreach (var error in CheckFinalizer(finalizer, path).Concat(CheckFinalizerIsQualified(finalizer, path.Index(index))))
            {
                yield return error;
            }
        }
    }
}
