#include "PlaceConv.h"

#include <algorithm>
#include <utility>

#include "PlaceFused.h"

namespace agc::schedule {

namespace {

class Placer {
 public:
  Placer(const PipelineInput &in, const Step &step, const Places &places)
      : in_(in), graph_(in.graph), step_(step), layer_(in.graph.layers[size_t(step.layer)]), plan_(in.decisions[size_t(step.layer)].plan),
        places_(places) {}

  void run() {
    const Layer &layer = layer_;
    const TilePlan &plan = plan_;
    const Step &step = step_;
    const Tensor &input = graph_.tensors[layer.input], &output = graph_.tensors[layer.output];
    GeoInst geo;
    ConvInst conv;
    geo.icb = step.inputs.size();
    geo.kernelRows = step.kernelRows.size();
    geo.kernelColumns = step.kernelColumns.size();
    geo.wPitch = layer.shared ? 0 : 1 + geo.icb * geo.kernelRows * geo.kernelColumns;
    const AxisNeed y = layer.rowsOf(step.y, step.kernelRows), x = layer.x.need(step.x);
    const int64_t plane = layer.grouped ? (step.phase * layer.ocb + step.blocks.begin) * layer.icb : step.inputs.begin;
    Range columns = x.input;
    if (step.inputLoad >= 0) {
      const LoadItem &load = in_.steps.loads[step.inputLoad];
      geo.inPitch = load.pitch;
      geo.inPlane = load.pitch * load.rows;
      conv.in = {places_.loads[step.inputLoad], (plane - load.blocks.begin) * geo.inPlane};
    } else {
      const Layout &layout = in_.residency.layouts[layer.input];
      geo.inPitch = layout.pitch;
      geo.inPlane = layout.plane;
      if (layout.split) columns.begin &= ~int64_t{1};  // the rectangle begins with an even column
      conv.in = {places_.residents[input.storage], layout.offset(input, plane, y.input.begin, columns.begin)};
    }
    geo.split = in_.decisions[step.layer].streams.split;
    geo.inHalf = geo.split ? half(geo.inPitch) : 0;
    geo.pairs = plan.pairs;
    conv.inH = y.input.size();
    conv.inW = columns.size();
    conv.offY = y.offset;
    conv.offX = x.offset + (x.input.begin - columns.begin);
    conv.oh = step.y.size();
    conv.ow = step.x.size();
    conv.ocb = step.blocks.size();
    conv.wb = {places_.loads[step.weightLoad], 0};
    // The pitches of output and residual are the same for all parts of a reduction: fewer CONV_GEO.
    const bool streamsOut = in_.decisions[step.layer].streams.output;
    const Layout &outLayout = in_.residency.layouts[layer.output];
    const int64_t outRow = streamsOut ? plan.columns * layer.phasesX : outLayout.pitch;
    geo.outPitch = outRow * layer.phasesY;
    geo.outStep = layer.phasesX;
    geo.outPlane = streamsOut ? plan.tileWords(layer) : outLayout.plane;
    geo.outSplit = !streamsOut && outLayout.split;
    geo.outHalf = geo.outSplit ? half(outLayout.pitch) : 0;
    StepResult &result = out_.result;
    result.y = {step.y.begin * layer.phasesY, step.y.end * layer.phasesY};
    result.x = {step.x.begin * layer.phasesX, step.x.end * layer.phasesX};
    result.blocks = step.blocks;
    result.pitch = outRow;
    result.plane = geo.outPlane;
    if (step.lastPart) {
      // Tiles begin at even columns.
      result.sp = places_.slot >= 0 ? Ref{places_.slot, 0}
                           : Ref{places_.residents[output.storage], outLayout.offset(output, step.blocks.begin, result.y.begin, result.x.begin)};
      conv.out = {result.sp.buffer, result.sp.offset + step.phase / layer.phasesX * outRow + step.phase % layer.phasesX};
    }
    if (layer.residual >= 0) {
      const bool streams = in_.decisions[step.layer].streams.residual;
      const Layout &layout = in_.residency.layouts[layer.residual];
      const Tensor &residual = graph_.tensors[layer.residual];
      const int64_t row = streams ? (layer.repeatColumns ? 1 : plan.columns) : layout.pitch;
      geo.resPitch = layer.repeatRows ? 0 : row;
      geo.resPlane = streams ? residualWords(layer, plan) / plan.groupBlocks : layout.plane;
      if (step.lastPart)
        conv.res = streams ? Ref{places_.loads[step.residualLoad], 0}
                           : Ref{places_.residents[residual.storage], layout.offset(residual, step.blocks.begin, layer.residualRows(step.y).begin,
                                                                               layer.residualColumns(step.x).begin)};
    }
    if (step.fused) placeFused(graph_, in_.steps, step, places_.loads, places_.tiles, geo, conv);
    EpiInst epi;
    epi.partIn = !step.firstPart;
    epi.partOut = !step.lastPart;
    epi.table = layer.table >= 0 && step.lastPart;
    if (epi.partIn || epi.partOut) conv.part = {places_.partial, 0};
    if (layer.fold > 1) {
      ConvInst folded = conv;
      GeoInst foldedGeo = geo;
      foldedGeo.outSplit = false;
      foldedGeo.outHalf = 0;
      foldedGeo.outPitch = plan.columns;
      foldedGeo.outPlane = plan.columns * layer.foldedRows(plan.rows);
      folded.oh = layer.foldedRows(step.y.size());
      folded.out = {places_.folded, 0};
      add(foldedGeo, epi, folded);
      takeApart(geo, foldedGeo, conv);
    } else if (layer.pool() > 1) {
      maximum(geo, epi, conv);
    } else {
      if (layer.kernelParts() > 1)
        moveOn(geo, layer.partsOfRows() ? 0 : step.kernelRows.begin * layer.y.dilation, step.kernelColumns.begin * layer.x.dilation, conv);
      add(geo, epi, conv);
    }
  }

  StepConvs take() { return std::move(out_); }

 private:
  void add(const GeoInst &geo, const EpiInst &epi, const ConvInst &conv) { out_.convs.push_back({geo, epi, conv}); }

  /// The convolution of taps that lie further down and to the right. Rows and columns in front of the first one are left out: offsets have
  /// eight bits.
  void moveOn(const GeoInst &geo, int64_t rows, int64_t columns, ConvInst &conv) const {
    const int64_t scale = layer_.up ? 2 : 1;
    auto leaveOut = [&](int64_t distance, int64_t &offset, int64_t &size, int64_t multiple) {
      offset += distance;
      const int64_t left = std::clamp<int64_t>(offset / scale, 0, size - 1) / multiple * multiple;
      offset -= left * scale;
      size -= left;
      offset = std::min<int64_t>(offset, 127);  // behind the last one: padding
      return left;
    };
    conv.in.offset += leaveOut(rows, conv.offY, conv.inH, 1) * geo.inPitch;
    const int64_t left = leaveOut(columns, conv.offX, conv.inW, geo.split ? 2 : 1);
    conv.in.offset += geo.split ? left / 2 : left;
  }

  /// The largest of a window: the result at its first position, then at each other one the larger of that and what is there.
  void maximum(GeoInst geo, EpiInst epi, const ConvInst &first) {
    const Layer &layer = layer_;
    const bool table = epi.table;
    geo.resPitch = geo.outPitch;
    geo.resPlane = geo.outPlane;
    for (int64_t position = 0; position < layer.pool(); ++position) {
      ConvInst conv = first;
      moveOn(geo, position / layer.poolX * layer.y.dilation, position % layer.poolX * layer.x.dilation, conv);
      if (position > 0) {
        conv.res = conv.out;
        epi.phase = Phase::Maximum;
      }
      epi.table = table && position + 1 == layer.pool();
      add(geo, epi, conv);
    }
  }

  /// One 1x1 convolution for each row of a fold: it moves that row's lanes to the first ones, into every `fold`-th row.
  void takeApart(const GeoInst &target, const GeoInst &source, const ConvInst &conv) {
    const Layer &layer = layer_;
    const Step &step = step_;
    GeoInst geo;
    geo.phase = Phase::Unfold;
    geo.inPitch = source.outPitch;
    geo.inPlane = source.outPlane;
    geo.outPitch = target.outPitch * layer.fold;
    geo.outPlane = target.outPlane;
    geo.kernelRows = geo.kernelColumns = 1;
    geo.outSplit = target.outSplit;
    geo.outHalf = target.outHalf;
    geo.wPitch = 2;
    EpiInst epi;
    epi.phase = Phase::Unfold;
    for (int64_t row = 0; row < layer.fold && row < step.y.size(); ++row) {
      ConvInst move;
      move.in = {places_.folded, 0};
      move.inH = move.oh = (step.y.size() - row + layer.fold - 1) / layer.fold;
      move.inW = move.ow = step.x.size();
      move.out = {conv.out.buffer, conv.out.offset + row * target.outPitch};
      move.wb = {conv.wb.buffer, conv.wb.offset + layer.convWords(layer.icb) + 2 * row};
      add(geo, epi, move);
    }
  }

  const PipelineInput &in_;
  const Graph &graph_;
  const Step &step_;
  const Layer &layer_;
  const TilePlan &plan_;
  const Places &places_;
  StepConvs out_;
};

}  // namespace

StepConvs placeStep(const PipelineInput &in, const Step &step, const Places &places) {
  Placer placer(in, step, places);
  placer.run();
  return placer.take();
}

}  // namespace agc::schedule
