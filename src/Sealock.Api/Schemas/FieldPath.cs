// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Sealock.Api.Schemas;

/// <summary>Where a walk through an object stands, as Kubernetes writes it: <c>spec.containers[0].image</c>.</summary>
internal sealed class FieldPath
{
    private const int MaxShown = 512;

    private readonly StringBuilder _text = new();
    private readonly Stack<int> _lengths = new();

    public void Enter(string field)
    {
        _lengths.Push(_text.Length);
        if (_text.Length > 0)
            _text.Append('.');
        _text.Append(field);
    }

    public void Enter(int index)
    {
        _lengths.Push(_text.Length);
        _text.Append('[').Append(index.ToString(CultureInfo.InvariantCulture)).Append(']');
    }

    public void Leave() => _text.Length = _lengths.Pop();

    /// <summary>The path, cut where a stranger's keys make it longer than any message should be.</summary>
    public override string ToString() =>
        _text.Length <= MaxShown ? _text.ToString() : _text.ToString(0, MaxShown) + "...";
}
