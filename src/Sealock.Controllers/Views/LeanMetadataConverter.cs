// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Views;

/// <summary>
/// Metadata of objects that are kept in memory by the ten thousands: without the copy of the object that kubectl keeps in an
/// annotation, and with one text for each name of a label or annotation that is known here.
/// </summary>
internal sealed class LeanMetadataConverter : JsonConverter<ObjectMetaView>
{
    private const string LastApplied = "kubectl.kubernetes.io/last-applied-configuration";

    public override ObjectMetaView Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Lean(JsonSerializer.Deserialize(ref reader, ViewJson.Default.ObjectMetaView) ?? MetadataView.Nameless);

    public override void Write(Utf8JsonWriter writer, ObjectMetaView value, JsonSerializerOptions options) =>
        throw new NotSupportedException("views are not written");

    /// <summary>Metadata made lean; <paramref name="isKept"/> says which annotations are kept, null: all.</summary>
    public static ObjectMetaView Lean(ObjectMetaView metadata, Func<string, bool>? isKept = null) => metadata with
    {
        Labels = Lean(metadata.Labels, null),
        Annotations = Lean(metadata.Annotations, isKept),
    };

    private static IReadOnlyDictionary<string, string> Lean(IReadOnlyDictionary<string, string> texts, Func<string, bool>? isKept)
    {
        var kept = texts.Where(pair => pair.Key != LastApplied && isKept?.Invoke(pair.Key) != false).ToArray();
        if (kept.Length == 0)
            return MetadataView.Nameless.Labels;
        var lean = new Dictionary<string, string>(kept.Length, StringComparer.Ordinal);
        foreach (var (name, value) in kept)
            lean[string.IsInterned(name) ?? name] = string.IsInterned(value) ?? value;
        return lean;
    }
}
