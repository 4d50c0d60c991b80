// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Trust;

/// <summary>How a Bundle stands in one of the kinds of objects that it is published in.</summary>
internal sealed record TargetKind(string Name, ResourceType<TargetFacts> Type, bool IsSecret)
{
    /// <summary>Label of objects that hold a Bundle, with its name; trust-manager's.</summary>
    public const string Label = "trust.cert-manager.io/bundle";

    /// <summary>Annotation that tells what they hold; trust-manager's.</summary>
    public const string HashAnnotation = "trust.cert-manager.io/hash";

    private const string BinaryAnnotation = "sealock.dev/bundle-truststores";
    private const string KeysAnnotation = "sealock.dev/bundle-keys";

    public static TargetKind ConfigMap { get; } = new("ConfigMap", TargetFacts.ConfigMaps, false);

    public static TargetKind Secret { get; } = new("Secret", TargetFacts.Secrets, true);

    /// <summary>Where a Bundle wants to be in objects of this kind; null: nowhere.</summary>
    public TargetKeyView? In(BundleTargetView target) => IsSecret ? target.Secret : target.ConfigMap;

    /// <summary>Whether an object is a Bundle's: made for it, or labelled for it while nobody else controls it.</summary>
    public static bool Belongs(BundleView bundle, TargetFacts target) =>
        target.Metadata.OwnerReferences.FirstOrDefault(owner => owner.Controller) is { } controller
            ? controller.Uid == bundle.Metadata.Uid : target.Metadata.Labels.GetValueOrDefault(Label) == bundle.Metadata.Name;

    /// <summary>Why an object is to be written again; null where it is as it should be.</summary>
    public string? Drift(BundleView bundle, BundleContent content, TargetFacts target)
    {
        var wanted = In(bundle.Spec.Target)!;
        var said = target.Metadata.Annotations;
        if (!target.Metadata.OwnerReferences.Any(owner => owner.Uid == bundle.Metadata.Uid))
            return "its owner is missing";
        if (target.Metadata.Labels.GetValueOrDefault(Label) != bundle.Metadata.Name)
            return "its label is missing";
        if (said.GetValueOrDefault(HashAnnotation) != content.Hash)
            return "it holds other certificates";
        if (target.Entries.GetValueOrDefault(wanted.Key) != Print.Of(Text(content.Pem)))
            return $"{wanted.Key} was changed";
        var stores = BundleContent.PrintOf(target.Entries.Where(entry => content.BinaryKeys.Contains(entry.Key)));
        if (stores != (said.GetValueOrDefault(BinaryAnnotation) ?? ""))
            return "a truststore was changed";
        if (OwnKeys(target).Any(key => key != wanted.Key && !content.BinaryKeys.Contains(key) && target.Entries.ContainsKey(key)))
            return "it holds an entry that is no longer wanted";
        return HasAll(target.Metadata.Labels, wanted.Metadata?.Labels) && HasAll(said, wanted.Metadata?.Annotations)
            ? null : "labels or annotations are missing";
    }

    /// <summary>A new object.</summary>
    public JsonObject New(BundleView bundle, BundleContent content, string @namespace)
    {
        var @object = Body(bundle, content, null);
        @object["apiVersion"] = "v1";
        @object["kind"] = Name;
        var metadata = @object["metadata"]!.AsObject();
        metadata["name"] = bundle.Metadata.Name;
        metadata["namespace"] = @namespace;
        return @object;
    }

    /// <summary>A change of an object that is the Bundle's; what others put into it stays.</summary>
    public JsonObject Change(BundleView bundle, BundleContent content, TargetFacts before) => Body(bundle, content, before);

    /// <summary>What takes the Bundle out of an object that holds other things too; null: the object is to go.</summary>
    public JsonObject? Removal(BundleView bundle, TargetFacts target)
    {
        var own = OwnKeys(target);
        if (own.Length == 0 || target.Entries.Keys.All(own.Contains))
            return null;
        var metadata = StatusJson.Precondition(target.Metadata);
        metadata["labels"] = new JsonObject { [Label] = null };
        metadata["annotations"] = new JsonObject { [HashAnnotation] = null, [BinaryAnnotation] = null, [KeysAnnotation] = null };
        metadata["ownerReferences"] = new JsonArray(
            [.. target.Metadata.OwnerReferences.Where(owner => owner.Uid != bundle.Metadata.Uid).Select(Owner)]);
        var nothing = () => new JsonObject(own.Select(key => KeyValuePair.Create(key, (JsonNode?)null)));
        var patch = new JsonObject { ["metadata"] = metadata, ["data"] = nothing() };
        if (!IsSecret)
            patch["binaryData"] = nothing();
        return patch;
    }

    private JsonObject Body(BundleView bundle, BundleContent content, TargetFacts? before)
    {
        var wanted = In(bundle.Spec.Target)!;
        var (data, binary) = (new JsonObject(), new JsonObject());
        foreach (var stale in before is null ? [] : OwnKeys(before).Where(before.Entries.ContainsKey))
            data[stale] = binary[stale] = null;
        var stores = IsSecret ? data : binary;
        foreach (var (key, store) in content.Binary)
            stores[key] = store;
        data[wanted.Key] = Text(content.Pem);

        var metadata = before is null ? [] : StatusJson.Precondition(before.Metadata);
        metadata["labels"] = With(wanted.Metadata?.Labels, (Label, bundle.Metadata.Name));
        metadata["annotations"] = With(
            wanted.Metadata?.Annotations, (HashAnnotation, content.Hash),
            (KeysAnnotation, string.Join(',', content.BinaryKeys.Append(wanted.Key).Order(StringComparer.Ordinal))));
        if (content.BinaryKeys.Length > 0)
        {
            metadata["annotations"]![BinaryAnnotation] = BundleContent.PrintOf(
                content.Binary.Select(store => KeyValuePair.Create(store.Key, Print.Of(store.Value))));
        }
        else if (before?.Metadata.Annotations.ContainsKey(BinaryAnnotation) == true)
        {
            metadata["annotations"]![BinaryAnnotation] = null;
        }

        metadata["ownerReferences"] = new JsonArray(
        [
            .. (before?.Metadata.OwnerReferences ?? []).Where(owner => owner.Uid != bundle.Metadata.Uid).Select(Owner),
            new JsonObject
            {
                ["apiVersion"] = BundleView.ApiVersion,
                ["kind"] = BundleView.Kind,
                ["name"] = bundle.Metadata.Name,
                ["uid"] = bundle.Metadata.Uid,
                ["controller"] = true,
                ["blockOwnerDeletion"] = true,
            },
        ]);
        var body = new JsonObject { ["metadata"] = metadata, ["data"] = data };
        if (!IsSecret && binary.Count > 0)
            body["binaryData"] = binary;
        return body;
    }

    private string Text(string pem) => IsSecret ? Convert.ToBase64String(Encoding.UTF8.GetBytes(pem)) : pem;

    private static string[] OwnKeys(TargetFacts target) =>
        target.Metadata.Annotations.GetValueOrDefault(KeysAnnotation)?.Split(',', StringSplitOptions.RemoveEmptyEntries) ?? [];

    private static bool HasAll(IReadOnlyDictionary<string, string> present, IReadOnlyDictionary<string, string>? wanted) =>
        wanted is null || wanted.All(pair => pair.Key is Label or HashAnnotation || present.GetValueOrDefault(pair.Key) == pair.Value);

    private static JsonObject With(IReadOnlyDictionary<string, string>? wanted, params ReadOnlySpan<(string Key, string Value)> own)
    {
        var texts = new JsonObject((wanted ?? new Dictionary<string, string>()).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
        foreach (var (key, value) in own)
            texts[key] = value;
        return texts;
    }

    private static JsonNode Owner(Api.Client.Views.OwnerReferenceView owner)
    {
        var json = new JsonObject
        {
            ["apiVersion"] = owner.ApiVersion,
            ["kind"] = owner.Kind,
            ["name"] = owner.Name,
            ["uid"] = owner.Uid,
        };
        if (owner.Controller)
            json["controller"] = true;
        if (owner.BlockOwnerDeletion)
            json["blockOwnerDeletion"] = true;
        return json;
    }
}
