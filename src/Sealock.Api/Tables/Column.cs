// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Sealock.Api.Tables;

/// <summary>A column of a server-side table (meta.k8s.io/v1 TableColumnDefinition) and how its cells are made.</summary>
public sealed record Column
{
    /// <summary>Heading, such as <c>Age</c>.</summary>
    public required string Name { get; init; }

    /// <summary>OpenAPI type: <c>string</c>, <c>integer</c>, <c>boolean</c>.</summary>
    public string Type { get; init; } = "string";

    /// <summary>OpenAPI format; <c>name</c> marks the column that identifies the object.</summary>
    public string Format { get; init; } = "";

    /// <summary>What the column shows.</summary>
    public required string Description { get; init; }

    /// <summary>0 is always shown; columns above are left out of the narrow view.</summary>
    public int Priority { get; init; }

    /// <summary>
    /// Where the value stands in an object, for kinds that are also published as CustomResourceDefinitions; null where no
    /// JSONPath says it.
    /// </summary>
    public string? JsonPath { get; init; }

    /// <summary>Writes one JSON value: the cell for an object, at a time from which ages are counted.</summary>
    public required CellWriter Cell { get; init; }
}

/// <summary>Writes exactly one JSON value for one object.</summary>
public delegate void CellWriter(Utf8JsonWriter writer, JsonElement @object, DateTimeOffset now);
