// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;

namespace Sealock.Hosting;

/// <summary>
/// Objects of a server that is about to exist: token authenticators look up service accounts in it, and it needs them
/// to answer token reviews.
/// </summary>
internal sealed class LateObjects : IObjectReader
{
    private IObjectReader? _objects;

    public void Become(IObjectReader objects) => _objects = objects;

    public JsonObject? Find(string group, string plural, string @namespace, string name) =>
        _objects?.Find(group, plural, @namespace, name);
}
