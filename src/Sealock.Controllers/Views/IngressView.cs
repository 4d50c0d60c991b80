// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Views;

/// <summary>An Ingress (networking.k8s.io/v1), as far as its TLS goes.</summary>
internal sealed record IngressView : IObjectView
{
    [JsonConverter(typeof(LeanMetadataConverter))]
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public IngressSpecView Spec { get => field ?? new(); init; }
}

internal sealed record IngressSpecView
{
    public IReadOnlyList<IngressTlsView> Tls { get => field ?? []; init; }
}

internal sealed record IngressTlsView
{
    public IReadOnlyList<string> Hosts { get => field ?? []; init; }

    public string SecretName { get => field ?? ""; init; }
}
