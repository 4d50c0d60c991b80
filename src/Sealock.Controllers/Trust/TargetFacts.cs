// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Trust;

/// <summary>A ConfigMap or Secret that a Bundle is published in, as it is kept in memory: without its contents.</summary>
[JsonConverter(typeof(Projection))]
internal sealed record TargetFacts : IObjectView
{
    public required ObjectMetaView Metadata { get; init; }

    /// <summary>Prints of the entries' texts as they stand in JSON (Base64, but for a ConfigMap's <c>data</c>).</summary>
    public IReadOnlyDictionary<string, Print> Entries { get; init; } = new Dictionary<string, Print>();

    public static ResourceType<TargetFacts> ConfigMaps { get; } = new("", "v1", "configmaps", true, TrustJson.Default.TargetFacts);

    public static ResourceType<TargetFacts> Secrets { get; } = new("", "v1", "secrets", true, TrustJson.Default.TargetFacts);

    internal sealed class Projection : JsonConverter<TargetFacts>
    {
        public override TargetFacts? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize(ref reader, TrustJson.Default.TargetObjectView) is { } whole ? new()
            {
                Metadata = whole.Metadata,
                Entries = whole.Data.Concat(whole.BinaryData)
                    .ToDictionary(entry => string.IsInterned(entry.Key) ?? entry.Key, entry => Print.Of(entry.Value), StringComparer.Ordinal),
            } : null;

        public override void Write(Utf8JsonWriter writer, TargetFacts value, JsonSerializerOptions options) =>
            throw new NotSupportedException("views are not written");
    }
}

internal sealed record TargetObjectView
{
    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>();

    [JsonConverter(typeof(LeanMetadataConverter))]
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public IReadOnlyDictionary<string, string> Data { get => field ?? Nothing; init; }

    public IReadOnlyDictionary<string, string> BinaryData { get => field ?? Nothing; init; }
}
