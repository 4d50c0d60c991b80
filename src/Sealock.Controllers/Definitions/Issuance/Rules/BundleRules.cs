// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>What a Bundle may say.</summary>
internal static class BundleRules
{
    private static readonly FieldPath Path = new("spec");

    /// <summary>What is wrong with a Bundle.</summary>
    public static IEnumerable<FieldError> Check(JsonObject bundle)
    {
        var spec = bundle.Map("spec") ?? [];
        var sources = spec.Items("sources");
        return
        [
            .. sources.Count == 0 ? [Path.Child("sources").Forbidden("must define at least one source")] : Array.Empty<FieldError>(),
            .. sources.Index().SelectMany(source => Source(source.Item, Path.Child("sources").Index(source.Index))),
            .. sources.Count(source => source.Has("useDefaultCAs")) > 1
                ? [Path.Child("sources").Forbidden("must request default CAs either once or not at all")] : Array.Empty<FieldError>(),
            .. spec.Map("target") is { } target ? Target(target, Path.Child("target")) : [],
        ];
    }

    private static IEnumerable<FieldError> Source(JsonObject source, FieldPath path)
    {
        var kinds = ((string[])["configMap", "secret", "inLine", "useDefaultCAs"]).Where(source.Has).ToList();
        return
        [
            .. kinds.Count == 1
                ? Array.Empty<FieldError>()
                : [path.Forbidden($"must define exactly one source type for each item but found {kinds.Count} defined types")],
            .. kinds.Where(kind => source.Map(kind) is not null)
                .SelectMany(kind => Selection(source.Map(kind) ?? [], path.Child(kind))),
        ];
    }

    private static IEnumerable<FieldError> Selection(JsonObject selection, FieldPath path) =>
    [
        .. NameOrSelector(selection, path),
        .. (selection.Text("key").Length > 0, selection.IsTrue("includeAllKeys")) switch
        {
            (false, false) => [path.Invalid(selection, "source key must be defined when includeAllKeys is false")],
            (true, true) => [path.Invalid(selection, "key and includeAllKeys must not be set at the same time")],
            _ => Array.Empty<FieldError>(),
        },
    ];

    private static IEnumerable<FieldError> NameOrSelector(JsonObject selection, FieldPath path) =>
        (selection.Text("name").Length > 0, selection.Has("selector")) switch
        {
            (false, false) => [path.Forbidden("must provide a name or a selector")],
            (true, true) => [path.Forbidden("must not provide both a name and a selector")],
            _ => [],
        };

    private static IEnumerable<FieldError> Target(JsonObject target, FieldPath path)
    {
        var formats = target.Map("additionalFormats") ?? [];
        var keys = new List<string>();
        foreach (var format in (ReadOnlySpan<string>)["jks", "pkcs12"])
        {
            if (formats.Map(format)?.Text("key") is { Length: > 0 } key)
                keys.Add(key);
        }

        var own = ((string[])["configMap", "secret"]).Select(kind => target.Map(kind)?.Text("key")).OfType<string>().ToList();
        if (own.Count == 0 && target.Count > 0)
            yield return path.Invalid(target, "must define at least one target: configMap or secret");
        foreach (var key in keys.Concat(own).GroupBy(key => key, StringComparer.Ordinal)
            .Where(same => same.Count() > 1 && keys.Contains(same.Key)))
            yield return path.Child("additionalFormats").Invalid(key.Key, "key must be unique in target");
    }
}
