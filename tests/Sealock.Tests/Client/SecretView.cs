// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;

namespace Sealock.Tests.Client;

internal sealed record SecretView : IObjectView
{
    [JsonPropertyName("metadata")]
    public required ObjectMetaView Metadata { get; init; }

    [JsonPropertyName("type")]
    public string Type { get => field ?? ""; init; }

    public static ResourceType<SecretView> Resource { get; } = new("", "v1", "secrets", true, SecretJson.Default.SecretView);
}

[JsonSerializable(typeof(SecretView))]
internal sealed partial class SecretJson : JsonSerializerContext;
