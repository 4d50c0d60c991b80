// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Yaml;

namespace Sealock.Api.Serving;

/// <summary>Puts an error into the form that the client accepts.</summary>
public static class ErrorAnswers
{
    /// <summary>The <c>metav1.Status</c>: JSON, indented for a person's tool, or YAML where the client prefers it.</summary>
    public static (ReadOnlyMemory<byte> Body, string MediaType) Write(
        ApiException error, string accept, QueryParameters query, string userAgent)
    {
        var json = StatusWriter.Failure(error);
        if (Negotiation.PrefersYaml(accept))
            return (Encoding.UTF8.GetBytes(YamlWriter.Write(JsonNode.Parse(json))), "application/yaml");
        return (PrettyJson.IsWanted(query, userAgent) ? PrettyJson.Indent(json) : json, "application/json");
    }
}
