/** The build makes uplot.js of the package. */
export { default as uPlot } from 'uplot'
